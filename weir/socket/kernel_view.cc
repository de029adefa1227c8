#include "weir/socket/kernel_view.h"

#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "weir/socket/internal/system_error.h"

namespace weir {
namespace {

// An older kernel writes fewer bytes, so a field is valid only if it is within the written size. A newer kernel
// truncates its data to the size of this structure.
class tcp_stats {
public:
    static std::optional<tcp_stats> of(int fd) noexcept {
        tcp_stats made;
        made.size_ = sizeof made.info_;
        if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &made.info_, &made.size_) != 0) return std::nullopt;
        return made;
    }

    template <class T>
    std::optional<T> at(T tcp_info::* field) const noexcept {
        const auto* const begin = reinterpret_cast<const std::byte*>(&info_);
        const auto* const place = reinterpret_cast<const std::byte*>(&(info_.*field));
        if (static_cast<std::size_t>(place - begin) + sizeof(T) > size_) return std::nullopt;
        return info_.*field;
    }

    std::optional<duration> microseconds(std::uint32_t tcp_info::* field) const noexcept {
        const auto value = at(field);
        if (!value) return std::nullopt;
        return std::chrono::microseconds(*value);
    }

private:
    tcp_info info_{};
    socklen_t size_ = 0;
};

std::optional<std::size_t> ask(int fd, unsigned long request) noexcept {
    int value = 0;
    if (::ioctl(fd, request, &value) != 0 || value < 0) return std::nullopt;
    return static_cast<std::size_t>(value);
}

template <class T>
std::optional<T> known(const result<T>& asked) {
    if (!asked) return std::nullopt;
    return *asked;
}

// Returns nothing for a value by which the kernel means "not set": a threshold that was never set, a rate that was
// never measured.
template <class T>
std::optional<T> unless(std::optional<T> value, T unset) noexcept {
    return value == unset ? std::nullopt : value;
}

std::optional<std::uint32_t> drops(int fd) noexcept {
    std::array<std::uint32_t, SK_MEMINFO_VARS> stats{};
    socklen_t size = sizeof stats;
    if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, stats.data(), &size) != 0) return std::nullopt;
    if (size < (SK_MEMINFO_DROPS + 1) * sizeof stats[0]) return std::nullopt;
    return stats[SK_MEMINFO_DROPS];
}

void look_at_tcp(int fd, kernel_view& view) {
    const auto stats = tcp_stats::of(fd);
    if (!stats) return;
    if (const auto state = stats->at(&tcp_info::tcpi_state)) view.state = static_cast<tcp_state>(*state);
    view.congestion_algorithm = known(option::congestion_control.read(fd));
    if (view.state == tcp_state::listening) {
        view.backlog = stats->at(&tcp_info::tcpi_unacked);
        view.backlog_limit = stats->at(&tcp_info::tcpi_sacked);
        return;
    }
    view.unsent_bytes = ask(fd, SIOCOUTQNSD);
    view.rtt = stats->microseconds(&tcp_info::tcpi_rtt);
    view.rtt_variation = stats->microseconds(&tcp_info::tcpi_rttvar);
    view.least_rtt = stats->microseconds(&tcp_info::tcpi_min_rtt);
    if (stats->at(&tcp_info::tcpi_min_rtt) == ~std::uint32_t{0}) view.least_rtt.reset();
    view.retransmission_timeout = stats->microseconds(&tcp_info::tcpi_rto);
    view.retransmits_in_row = stats->at(&tcp_info::tcpi_retransmits);
    view.retransmitted_segments = stats->at(&tcp_info::tcpi_total_retrans);
    view.congestion_window = stats->at(&tcp_info::tcpi_snd_cwnd);
    view.slow_start_threshold = unless(stats->at(&tcp_info::tcpi_snd_ssthresh), __u32{0x7fffffff});
    view.segment_bytes = stats->at(&tcp_info::tcpi_snd_mss);
    view.unacknowledged_segments = stats->at(&tcp_info::tcpi_unacked);
    view.pacing_bytes_per_second = unless(stats->at(&tcp_info::tcpi_pacing_rate), ~__u64{0});
    view.delivery_bytes_per_second = unless(stats->at(&tcp_info::tcpi_delivery_rate), __u64{0});
    view.acknowledged_bytes = stats->at(&tcp_info::tcpi_bytes_acked);
    view.received_bytes = stats->at(&tcp_info::tcpi_bytes_received);
    view.peer_window_bytes = stats->at(&tcp_info::tcpi_snd_wnd);
}

template <class T>
std::string words(const T& value) {
    return std::to_string(value);
}
std::string words(const std::string& value) { return value; }
std::string words(tcp_state value) { return std::string(to_string(value)); }
std::string words(duration value) {
    return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(value).count()) + "us";
}

template <class T>
void line(std::string& text, std::string_view name, const std::optional<T>& value) {
    if (value) text.append(name).append(" ").append(words(*value)).append("\n");
}

}  // namespace

std::string_view to_string(tcp_state state) noexcept {
    constexpr std::array<std::string_view, 13> names{
        "unknown", "established", "syn_sent", "syn_received", "fin_wait_1", "fin_wait_2",      "time_wait",
        "closed",  "close_wait",  "last_ack", "listening",    "closing",    "new_syn_received"};
    const auto index = static_cast<std::size_t>(state);
    return index < names.size() ? names[index] : names[0];
}

result<kernel_view> view_of(const socket& one) { return view_of(one.fd()); }

result<kernel_view> view_of(int fd) {
    const auto type = option::type.read(fd);
    if (!type) return type.error().during("view", std::to_string(fd));
    kernel_view view;
    view.send_buffer_bytes = known(option::send_buffer_bytes.read(fd));
    view.receive_buffer_bytes = known(option::receive_buffer_bytes.read(fd));
    view.dropped_packets = drops(fd);
    if (*type == socket_type::stream) look_at_tcp(fd, view);
    view.unread_bytes = ask(fd, SIOCINQ);
    // This is read after acknowledged_bytes: bytes that are acknowledged in between are then in neither number, instead
    // of in both.
    view.unacknowledged_bytes = unacknowledged_bytes_of(fd);
    return view;
}

std::optional<std::size_t> unacknowledged_bytes_of(int fd) noexcept { return ask(fd, SIOCOUTQ); }

std::string kernel_view::to_string() const {
    std::string text;
    line(text, "state", state);
    line(text, "unread_bytes", unread_bytes);
    line(text, "unacknowledged_bytes", unacknowledged_bytes);
    line(text, "unsent_bytes", unsent_bytes);
    line(text, "send_buffer_bytes", send_buffer_bytes);
    line(text, "receive_buffer_bytes", receive_buffer_bytes);
    line(text, "dropped_packets", dropped_packets);
    line(text, "rtt", rtt);
    line(text, "rtt_variation", rtt_variation);
    line(text, "least_rtt", least_rtt);
    line(text, "retransmission_timeout", retransmission_timeout);
    line(text, "retransmits_in_row", retransmits_in_row);
    line(text, "retransmitted_segments", retransmitted_segments);
    line(text, "congestion_window", congestion_window);
    line(text, "slow_start_threshold", slow_start_threshold);
    line(text, "segment_bytes", segment_bytes);
    line(text, "unacknowledged_segments", unacknowledged_segments);
    line(text, "pacing_bytes_per_second", pacing_bytes_per_second);
    line(text, "delivery_bytes_per_second", delivery_bytes_per_second);
    line(text, "acknowledged_bytes", acknowledged_bytes);
    line(text, "received_bytes", received_bytes);
    line(text, "peer_window_bytes", peer_window_bytes);
    line(text, "congestion_algorithm", congestion_algorithm);
    line(text, "backlog", backlog);
    line(text, "backlog_limit", backlog_limit);
    return text;
}

}  // namespace weir
