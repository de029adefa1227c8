// The client of every measurement: many connections in one thread. It compares every byte of every reply with what was
// sent.
//
//     load PORT FRAMING BYTES CONNECTIONS [--tls]
//
// It connects, and prints `ready`. Then each line of standard input starts a run:
//
//         closed SECONDS DEPTH    each connection has DEPTH messages under way
//         open SECONDS RATE       RATE messages a second; the latency of each counts from the time when it was due
//         fan SECONDS             one connection sends a message, and all receive it; repeated
//         churn SECONDS           each connection: connect, one message, its reply, reset; with --tls a full handshake
//                                 before the message, and close_notify instead of the reset
//         resumed SECONDS         the same with the ticket of an earlier connection, each used once
//         half SECONDS            each connection: connect, half of a message, reset
//
// A run ends when everything has been answered. Its result is printed as one JSON object: messages, seconds, busy (the
// share of the time in which this client had work: from 0.95 on, this client is the bottleneck), and latencies in
// microseconds. A closed run measures latencies only if DEPTH is 1.
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bench/echo/arguments.h"
#include "bench/echo/load_tls.h"
#include "bench/echo/message_input.h"
#include "weir/base/internal/random.h"

namespace {

using bench::framing_by_hand;

std::uint64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

// A histogram of latencies in nanoseconds, exact within 2%.
class histogram {
public:
    void add(std::uint64_t value) noexcept {
        const auto power = static_cast<unsigned>(std::bit_width(value | 63)) - 6;
        ++counts_[power * 64 + (value >> power)];
        ++total_;
    }
    bool empty() const noexcept { return total_ == 0; }
    // Returns a quantile in microseconds: at(0.99) is the latency that 99% of all latencies do not exceed.
    double at(double share) const noexcept {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            below += counts_[i];
            if (below > wanted) return static_cast<double>((i % 64) << (i / 64)) / 1000;
        }
        return 0;
    }

private:
    std::array<std::uint64_t, 64 * 64> counts_{};
    std::uint64_t total_ = 0;
};

// The bytes that every connection sends repeatedly. Each connection begins at a different message.
struct wire {
    wire(framing_by_hand how, std::size_t payload) {
        constexpr std::size_t wanted = 2 << 20;
        count = std::clamp<std::size_t>(wanted / payload, 4, 4096);
        frame = payload + (how == framing_by_hand::lines ? 1 : bench::message_input::header_bytes);
        bytes.reserve(count * frame);
        weir::internal::random_source choose(7);
        for (std::size_t i = 0; i < count; ++i) {
            if (how == framing_by_hand::len32) {
                for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(payload >> shift));
            }
            for (std::size_t at = 0; at < payload; ++at) {
                // A line has no control characters, because a carriage return at its end would be part of the end mark.
                bytes.push_back(
                    static_cast<char>(how == framing_by_hand::lines ? 32 + choose.below(224) : choose.below(256)));
            }
            if (how == framing_by_hand::lines) bytes.push_back('\n');
        }
    }
    std::size_t count, frame;
    std::vector<char> bytes;
};

struct connection {
    int fd = -1;
    std::size_t offset = 0;                             // the place of its first message in the wire
    std::uint64_t sent = 0, allowed = 0, received = 0;  // bytes
    std::uint64_t before = 0;                           // messages answered before this run
    std::uint64_t sent_at = 0;
    std::unique_ptr<bench::tls_client> secure;  // null without TLS
};

class load {
public:
    load(std::uint16_t port, framing_by_hand how, std::size_t payload, std::size_t connections, bool is_tls)
        : secure_(is_tls ? bench::make_tls_clients(connections) : nullptr), all_(connections), wire_(how, payload),
          ready_(::epoll_create1(0)) {
        where_.sin_family = AF_INET;
        where_.sin_port = htons(port);
        where_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (std::size_t i = 0; i < all_.size(); ++i) all_[i].offset = (i * 37 % wire_.count) * wire_.frame;
    }

    void connect_all() {
        for (connection& one : all_) {
            open(one, 0);
            if (one.secure != nullptr) one.secure->shake(one.fd);
        }
    }

    void closed(double seconds, std::uint64_t depth) {
        begin(seconds);
        for (connection& one : all_) allow(one, depth);
        while (is_running() || answered_ != sent_messages_) {
            for (connection* const one : wait()) {
                const std::uint64_t replies = read(*one);
                if (depth == 1 && replies != 0) latencies_.add(now() - one->sent_at);
                if (replies != 0 && is_running()) allow(*one, replies);
                write(*one);
            }
        }
        print_result();
    }

    void open_loop(double seconds, double rate) {
        begin(seconds);
        std::uint64_t next = 0;
        const double step = 1e9 / rate;
        const auto due = [&](std::uint64_t message) {
            return began_ + static_cast<std::uint64_t>(step * static_cast<double>(message));
        };
        for (connection& one : all_) one.before = one.received / wire_.frame;
        while (is_running() || answered_ != sent_messages_) {
            for (; is_running() && due(next) <= now(); ++next) allow(all_[next % all_.size()], 1);
            for (connection* const one : wait()) {
                const std::uint64_t first = one->received / wire_.frame - one->before;
                const std::uint64_t replies = read(*one);
                const std::uint64_t at = now();
                const auto place = static_cast<std::uint64_t>(one - all_.data());
                for (std::uint64_t i = 0; i < replies; ++i)
                    latencies_.add(at - std::min(at, due(place + (first + i) * all_.size())));
                write(*one);
            }
        }
        print_result();
    }

    // A message counts once for each connection that receives it.
    void fan(double seconds) {
        begin(seconds);
        connection& speaker = all_.front();
        for (connection& one : all_) one.offset = speaker.offset;
        while (is_running()) {
            allow(speaker, 1);
            sent_messages_ += all_.size() - 1;
            while (answered_ != sent_messages_) {
                for (connection* const one : wait()) {
                    write(speaker);
                    one->sent = speaker.sent;
                    read(*one);
                }
            }
        }
        print_result();
    }

    void churn(double seconds, bench::tls_handshake which) {
        WEIR_CHECK(secure_ != nullptr || which == bench::tls_handshake::full, "resumed: only with --tls");
        which_ = which;
        begin(seconds);
        for (connection& one : all_) restart(one);
        while (is_running() || answered_ != sent_messages_) {
            for (connection* const one : wait()) {
                if (one->sent != one->allowed) write(*one);
                if (read(*one) == 0) continue;
                end(*one);
                if (is_running()) restart(*one);
            }
        }
        print_result();
    }

    void half(double seconds) {
        begin(seconds);
        for (connection& one : all_) restart(one);
        while (is_running() || answered_ != sent_messages_) {
            for (connection* const one : wait()) {
                one->allowed = wire_.frame / 2;
                if (one->sent != one->allowed) write(*one);
                if (one->sent != one->allowed) continue;
                reset(*one);
                ++answered_;
                if (is_running()) restart(*one);
            }
        }
        print_result();
    }

private:
    void open(connection& one, int flags) {
        one.fd = ::socket(AF_INET, SOCK_STREAM | flags, 0);
        WEIR_CHECK(one.fd >= 0, "socket");
        const int yes = 1;
        ::setsockopt(one.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        const int done = ::connect(one.fd, reinterpret_cast<const sockaddr*>(&where_), sizeof where_);
        WEIR_CHECK(done == 0 || errno == EINPROGRESS, "connect");
        epoll_event wanted{};
        wanted.events = EPOLLIN | EPOLLOUT | EPOLLET;
        wanted.data.ptr = &one;
        WEIR_CHECK(::epoll_ctl(ready_, EPOLL_CTL_ADD, one.fd, &wanted) == 0, "epoll_ctl");
        if (secure_ != nullptr) one.secure = secure_->make(which_);
    }
    void restart(connection& one) {
        one.sent = one.received = 0;
        one.allowed = wire_.frame;
        ++sent_messages_;
        open(one, SOCK_NONBLOCK);
    }
    static void reset(connection& one) {
        const linger at_once{1, 0};
        ::setsockopt(one.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::close(one.fd);
    }
    static void end(connection& one) {
        if (one.secure == nullptr) return reset(one);
        one.secure->end(one.fd);
        ::close(one.fd);
    }

    void begin(double seconds) {
        latencies_ = {};
        sent_messages_ = answered_ = 0;
        began_ = now();
        until_ = began_ + static_cast<std::uint64_t>(seconds * 1e9);
        in_vain_ = 0;
    }
    bool is_running() const { return now() < until_; }

    void allow(connection& one, std::uint64_t messages) {
        one.allowed += messages * wire_.frame;
        sent_messages_ += messages;
        one.sent_at = now();
        write(one);
    }

    static ssize_t send(connection& one, const char* from, std::size_t size) {
        if (one.secure != nullptr) return one.secure->send(one.fd, from, size);
        return ::send(one.fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    static ssize_t receive(connection& one, std::vector<char>& into) {
        if (one.secure != nullptr) return one.secure->receive(one.fd, into.data(), into.size());
        return ::recv(one.fd, into.data(), into.size(), MSG_DONTWAIT);
    }

    void write(connection& one) {
        if (one.secure != nullptr && !one.secure->flush(one.fd)) return;
        while (one.sent != one.allowed) {
            const std::size_t at = (one.offset + one.sent) % wire_.bytes.size();
            const std::size_t size = std::min<std::size_t>(one.allowed - one.sent, wire_.bytes.size() - at);
            const ssize_t count = send(one, wire_.bytes.data() + at, size);
            if (count < 0 && errno == EAGAIN) return;
            WEIR_CHECK(count > 0, "the server ended a connection that was sent to");
            one.sent += static_cast<std::size_t>(count);
        }
    }

    // Reads what has arrived, and returns how many replies became complete.
    std::uint64_t read(connection& one) {
        static std::vector<char> into(512 * 1024);
        const std::uint64_t before = one.received / wire_.frame;
        for (;;) {
            const ssize_t count = receive(one, into);
            if (count < 0 && (errno == EAGAIN || errno == ENOTCONN)) break;
            WEIR_CHECK(count > 0, "the server ended a connection that waits for replies");
            compare(one, into.data(), static_cast<std::size_t>(count));
            if (one.secure == nullptr && static_cast<std::size_t>(count) < into.size()) break;
        }
        const std::uint64_t replies = one.received / wire_.frame - before;
        answered_ += replies;
        return replies;
    }
    void compare(connection& one, const char* bytes, std::size_t count) {
        WEIR_CHECK(one.received + count <= one.sent, "the server sent more than it was sent");
        while (count != 0) {
            const std::size_t at = (one.offset + one.received) % wire_.bytes.size();
            const std::size_t size = std::min(count, wire_.bytes.size() - at);
            WEIR_CHECK(std::memcmp(bytes, wire_.bytes.data() + at, size) == 0, "a reply is not what was sent");
            bytes += size;
            count -= size;
            one.received += size;
        }
    }

    // Never sleeps, because waking this thread would cost time on the server's core.
    const std::vector<connection*>& wait() {
        static std::array<epoll_event, 512> events;
        const std::uint64_t before = now();
        const int count = ::epoll_wait(ready_, events.data(), static_cast<int>(events.size()), 0);
        ready_connections_.clear();
        for (int i = 0; i < count; ++i)
            ready_connections_.push_back(static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr));
        const std::uint64_t after = now();
        if (count == 0) in_vain_ += after - before;
        WEIR_CHECK(after < until_ + 30'000'000'000, "no reply for half a minute");
        return ready_connections_;
    }

    void print_result() const {
        const auto took = static_cast<double>(now() - began_);
        const double worked = took - static_cast<double>(in_vain_);
        std::printf("{\"messages\": %llu, \"seconds\": %.6f, \"busy\": %.3f",
                    static_cast<unsigned long long>(answered_), took / 1e9, worked / took);
        if (!latencies_.empty())
            std::printf(", \"p50\": %.2f, \"p99\": %.2f, \"p999\": %.2f", latencies_.at(0.5), latencies_.at(0.99),
                        latencies_.at(0.999));
        std::printf("}\n");
        std::fflush(stdout);
    }

    std::unique_ptr<bench::tls_clients> secure_;
    bench::tls_handshake which_ = bench::tls_handshake::full;
    std::vector<connection> all_;
    wire wire_;
    int ready_;
    sockaddr_in where_{};
    histogram latencies_;
    std::vector<connection*> ready_connections_;
    std::uint64_t sent_messages_ = 0, answered_ = 0, began_ = 0, until_ = 0, in_vain_ = 0;
};

}  // namespace

int main(int count, char** texts) {
    const bool is_tls = count == 6 && std::string_view(texts[5]) == "--tls";
    WEIR_CHECK(count == 5 || is_tls, "load PORT lines|len32 BYTES CONNECTIONS [--tls]");
    const auto how = bench::read_arguments(count, texts);
    load all(how.port, bench::framing_named(how.framing), std::strtoul(texts[3], nullptr, 10),
             std::strtoul(texts[4], nullptr, 10), is_tls);
    bool is_connected = false;
    std::puts("ready");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string kind;
        double seconds = 0;
        double amount = 0;
        words >> kind >> seconds >> amount;
        if (kind != "churn" && kind != "resumed" && kind != "half" && !std::exchange(is_connected, true))
            all.connect_all();
        if (kind == "closed") {
            all.closed(seconds, static_cast<std::uint64_t>(amount));
        } else if (kind == "open") {
            all.open_loop(seconds, amount);
        } else if (kind == "fan") {
            all.fan(seconds);
        } else if (kind == "churn") {
            all.churn(seconds, bench::tls_handshake::full);
        } else if (kind == "resumed") {
            all.churn(seconds, bench::tls_handshake::resumed);
        } else if (kind == "half") {
            all.half(seconds);
        } else {
            std::puts("{}");  // the result of `connect`
            std::fflush(stdout);
        }
    }
}
