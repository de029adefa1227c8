#include "echo_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <weir/base/text.h>
#include <weir/socket/clock.h>

#include "talk.h"

namespace weir_tool {
namespace {

constexpr weir::duration first_pause = std::chrono::milliseconds(10);
constexpr weir::duration longest_pause = std::chrono::seconds(1);
constexpr weir::duration to_see_the_cut = std::chrono::seconds(1);

weir::deadline within(const std::optional<weir::duration>& time) {
    return time ? weir::within(*time) : weir::deadline::never();
}

// To a socket for both families, an IPv4 client is one of ::ffff:0:0/96 (RFC 4291, 2.5.5.2). People know it as IPv4.
weir::address familiar(const weir::address& peer) {
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (peer.family() != weir::address_family::ipv6) return peer;
    const auto& octets = peer.ipv6_octets();
    if (!std::equal(mapped.begin(), mapped.end(), octets.begin())) return peer;
    return weir::address::ipv4(octets[12], octets[13], octets[14], octets[15], peer.port());
}

// A client on a Unix socket has no name of its own.
std::string name_of(const weir::accepted& fresh, const weir::blocking_channel& channel, std::uint64_t number) {
    if (fresh.peer.is_ip() || fresh.peer.is_path() || fresh.peer.is_abstract()) return familiar(fresh.peer).to_string();
    return fmt::format("{} (connection {})", channel.peer().to_string(), number);
}

}  // namespace

echo_server::echo_server(weir::socket listener, weir::framing described, server_limits limits, serve_log& log)
    : listener_(std::move(listener)), framing_(std::move(described)), limits_(limits), log_(log) {}

echo_server::~echo_server() {
    if (last_.joinable()) last_.join();
}

// ---- accepting ----

weir::result<void> echo_server::run() {
    while (wait_for_room()) {
        auto fresh = listener_.accept();
        if (fresh) {
            pause_ = weir::duration::zero();
            open(*std::move(fresh));
        } else if (!stopping() && !wait_out(fresh.error())) {
            return fresh.error();
        }
    }
    return {};
}

bool echo_server::wait_for_room() {
    const auto there_is_room = [&] { return stopping_ || connections_.size() < limits_.connections; };
    std::unique_lock hold(guard_);
    if (!there_is_room()) {
        hold.unlock();
        say_once(said_full_,
                 fmt::format("{} are open, the most that --max-connections allows: accepting pauses until one ends "
                             "(said once)",
                             count(limits_.connections, "connection")));
        hold.lock();
    }
    changed_.wait(hold, there_is_room);
    return !stopping_;
}

// On the thread of run() alone.
void echo_server::say_once(bool& said, const std::string& sentence) {
    if (!std::exchange(said, true)) log_.paused(sentence);
}

// Out of descriptors, memory or threads: waits until a connection ends, or a while, longer each time. False when the
// error is of another kind, which waiting does not mend.
bool echo_server::wait_out(const weir::error& why) {
    if (why != weir::errc::no_descriptors && why != weir::errc::no_memory) return false;
    say_once(said_short_,
             fmt::format("{}: accepting pauses until there are some again (said once)", describe_cause(why)));
    std::unique_lock hold(guard_);
    pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
    const std::size_t open = connections_.size();
    changed_.wait_for(hold, pause_, [&] { return stopping_ || connections_.size() < open; });
    return true;
}

void echo_server::open(weir::accepted fresh) {
    // Many small replies in a row should not wait for each other's answer. A Unix socket knows no such delay.
    [[maybe_unused]] const auto prompt = fresh.connection.set(weir::option::no_delay, true);
    weir::blocking_channel channel(std::move(fresh.connection), framing_);
    channel.limit_stall(limits_.stall);
    std::unique_lock hold(guard_);
    const std::uint64_t number = ++totals_.connections;
    std::string name = name_of(fresh, channel, number);
    connections_.push_back({std::move(channel), {number, std::move(name)}});
    const auto which = std::prev(connections_.end());
    hold.unlock();
    log_.opened(which->said);
    while (!start_thread(which)) {
        wait_out(weir::error(weir::errc::no_memory, "thread", {}, "no further thread can be started"));
    }
}

bool echo_server::start_thread(place which) {
    const std::lock_guard hold(guard_);
    try {
        which->thread = std::thread([this, which] { serve(which); });
    } catch (const std::system_error&) {
        return false;
    }
    if (stopping_) [[maybe_unused]]
        const auto done = which->channel.connection().shutdown(weir::half::receive);
    return true;
}

// ---- a connection, on its own thread ----

void echo_server::serve(place which) {
    weir::error ending = converse(*which);
    part(which, judge(*which, std::move(ending)));
}

// Until there is no further message, or a reply cannot be sent: why.
weir::error echo_server::converse(connection& with) {
    weir::blocking_channel& channel = with.channel;
    for (;;) {
        const auto message = channel.receive(within(limits_.idle));
        if (!message && channel.ending() == weir::errc::none) {
            return weir::error(
                weir::errc::timed_out, {}, {},
                fmt::format("timed out: no whole message came for {}", weir::format_duration(*limits_.idle)));
        }
        if (!message) return message.error();
        const auto sent = channel.send(*message);
        if (sent) continue;
        if (sent != weir::errc::timed_out) return sent.error();
        return weir::error(weir::errc::timed_out, {}, {},
                           fmt::format("timed out: it took no reply for {}", weir::format_duration(*limits_.stall)));
    }
}

// What stop() and the cut did to a connection is no fault of the peer's.
weir::error echo_server::judge(const connection& with, weir::error ending) {
    const std::lock_guard hold(guard_);
    if (with.was_cut) return weir::error(weir::errc::cancelled, {}, {}, "cut: the drain was over");
    if (!stopping_ || ending != weir::errc::truncated) return ending;
    return weir::error(weir::errc::cancelled, {}, {}, "ended by the drain inside a message");
}

// Politely when the peer may still read: what came before a broken frame has its reply. Not when it is gone or stuck.
// It makes room for another before it says anything, and joins the one before it only then: who joins the last of these
// threads knows that all has been said.
void echo_server::part(place which, const weir::error& ending) {
    {
        const std::lock_guard hold(guard_);
        which->parting = true;
        totals_.messages += which->channel.messages_sent();
        if (ending != weir::errc::closed) ++totals_.failed;
    }
    const bool politely = ending == weir::errc::closed || ending == weir::errc::truncated ||
                          ending == weir::errc::malformed || ending == weir::errc::too_large;
    weir::blocking_channel& channel = which->channel;
    [[maybe_unused]] const auto closed = politely ? channel.close() : channel.connection().close();
    std::list<connection> ended;
    std::thread before;
    {
        const std::lock_guard hold(guard_);
        before = std::exchange(last_, std::move(which->thread));
        ended.splice(ended.begin(), connections_, which);
        changed_.notify_all();
    }
    log_.closed(which->said, ending, channel.messages_sent(), channel.messages_skipped());
    if (before.joinable()) before.join();
}

// ---- the end ----

bool echo_server::stopping() {
    const std::lock_guard hold(guard_);
    return stopping_;
}

void echo_server::stop() {
    std::unique_lock hold(guard_);
    const std::size_t open = connections_.size();
    hold.unlock();
    log_.draining(open, limits_.drain);  // before anything ends by it
    hold.lock();
    stopping_ = true;
    // Wakes accept(). Linux refuses who comes from now on.
    [[maybe_unused]] auto done = listener_.shutdown(weir::half::both);
    for (auto& one : connections_) {
        // What has arrived is still read and answered, then the stream ends.
        if (!one.parting) done = one.channel.connection().shutdown(weir::half::receive);
    }
    changed_.notify_all();
}

bool echo_server::drain(weir::deadline until) {
    std::thread last;
    {
        std::unique_lock hold(guard_);
        const auto all_ended = [&] { return connections_.empty(); };
        if (!changed_.wait_until(hold, until.at(), all_ended)) {
            cut();
            if (!changed_.wait_for(hold, to_see_the_cut, all_ended)) return false;
        }
        last = std::exchange(last_, {});
    }
    if (last.joinable()) last.join();
    return true;
}

void echo_server::cut() {
    for (auto& one : connections_) {
        if (one.parting) continue;
        one.was_cut = true;
        ++totals_.cut;
        [[maybe_unused]] const auto done = one.channel.connection().shutdown(weir::half::both);
    }
}

serve_log::totals echo_server::totals() {
    const std::lock_guard hold(guard_);
    return totals_;
}

}  // namespace weir_tool
