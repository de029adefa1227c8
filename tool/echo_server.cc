#include "echo_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <weir/base/text.h>
#include <weir/loop/loop.h>

#include "talk.h"

namespace weir_tool {
namespace {

// An IPv4 client of a socket for both families is known to people as IPv4.
weir::address familiar(const weir::address& peer) {
    if (!peer.is_mapped()) return peer;
    const auto& octets = peer.ipv6_octets();
    return weir::address::ipv4(octets[12], octets[13], octets[14], octets[15], peer.port());
}

}  // namespace

weir::task<> echo(weir::channel client, echo_server& server) {
    const serve_log::connection which = server.name(client.peer());
    server.log_.opened(which);
    while (auto message = co_await client.receive(server.idle_until())) {
        const auto sent = co_await client.send(*message);
        if (!sent) break;
    }
    co_await client.flush();  // a peer that takes no reply is told of, too, when it has nothing more to say
    server.ended(which, client);
}

// ---- before and after ----

std::vector<weir::server_options> echo_server::loops(std::uint64_t threads) {
    threads = std::min(threads, limits_.connections);
    weir::server_options one;
    one.log = [this](const weir::server_event& what) { happened(what); };
    one.limits.drain = limits_.drain;
    one.limits.connections_of_a_source = std::nullopt;
    one.limits.connection.first_message.reset();
    one.limits.connection.whole_message.reset();
    one.limits.connection.idle.reset();  // bytes are not enough: see idle_until()
    one.limits.connection.stalled_send = limits_.stall;
    std::vector<weir::server_options> all;
    for (std::uint64_t i = 0; i < threads; ++i) {
        one.limits.connections = limits_.connections / threads + (i < limits_.connections % threads ? 1 : 0);
        all.push_back(one);
    }
    return all;
}

void echo_server::listening(const std::string& here, const std::string& framing) {
    here_ = here;
    log_.listening(here, framing);
}

void echo_server::draining() { log_.draining(open_, limits_.drain); }

serve_log::totals echo_server::totals(const weir::server_figures& all) const {
    return {all.accepted, all.messages.messages_sent, failed_, cut_};
}

// ---- what the loops tell ----

void echo_server::happened(const weir::server_event& what) {
    switch (what.what) {
        case weir::server_event::kind::connected:
            if (++open_ != limits_.connections) break;
            say_once(said_full_,
                     fmt::format("{} are open, the most that --max-connections allows: accepting pauses until one ends "
                                 "(said once)",
                                 count(limits_.connections, "connection")));
            break;
        case weir::server_event::kind::ended: --open_; break;
        case weir::server_event::kind::paused:
            if (what.why->system_code() == 0) break;  // its share of the connections is open
            say_once(said_short_, fmt::format("{}: accepting pauses until there are some again (said once)",
                                              describe_cause(*what.why)));
            break;
        case weir::server_event::kind::thrown:
            ++failed_;
            log_.failed(fmt::format("{}: {}", familiar(*what.peer).to_string(), what.text));
            break;
        default: break;
    }
}

void echo_server::say_once(std::atomic<bool>& said, const std::string& sentence) {
    if (!said.exchange(true)) log_.warn_of(sentence);
}

// ---- a connection ----

weir::deadline echo_server::idle_until() const {
    const weir::time_point now = weir::loop::current().now();
    if (!limits_.idle || *limits_.idle > weir::time_point::max() - now) return {};
    return now + *limits_.idle;
}

serve_log::connection echo_server::name(const weir::address& peer) {
    const std::uint64_t number = ++named_;
    if (peer.is_ip() || peer.is_path() || peer.is_abstract()) return {number, familiar(peer).to_string()};
    return {number, fmt::format("{} (connection {})", here_, number)};
}

// Why it ended, as people say it. What the drain did is no fault of the peer's.
weir::error echo_server::judge(const weir::channel& client) const {
    using weir::errc;
    const auto timed_out = [](std::string_view what, weir::duration limit) {
        return weir::error(errc::timed_out, {}, {},
                           fmt::format("timed out: {} for {}", what, weir::format_duration(limit)));
    };
    if (client.failure() == errc::cancelled) return weir::error(errc::cancelled, {}, {}, "cut: the drain was over");
    if (client.failure() == errc::timed_out) return timed_out("it took no reply", *limits_.stall);
    const bool came_to_its_end = client.ending() == errc::closed || client.ending() == errc::cancelled;
    if (client.ending() != errc::none && !came_to_its_end) return client.ending();
    if (client.failure() != errc::none) return client.failure();
    return came_to_its_end ? weir::error(errc::closed) : timed_out("no whole message came", *limits_.idle);
}

void echo_server::ended(const serve_log::connection& which, const weir::channel& client) {
    const weir::error ending = judge(client);
    if (ending != weir::errc::closed) ++failed_;
    if (ending == weir::errc::cancelled) ++cut_;
    log_.closed(which, ending, client.figures().messages_sent, client.figures().messages_skipped);
}

}  // namespace weir_tool
