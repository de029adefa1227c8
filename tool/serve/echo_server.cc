#include "tool/serve/echo_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <weir/base/text.h>
#include <weir/loop/loop.h>

#include "tool/command/talk.h"

namespace weir_tool {
weir::task<> echo(weir::channel client, echo_server& server) {
    const std::uint64_t number = ++server.named_;
    server.log_.opened({number, client.peer().address()}, client.peer().facts());
    while (auto message = co_await client.receive(server.idle_until())) {
        const auto sent = co_await client.send(*message);
        if (!sent) break;
    }
    co_await client.flush();  // so that a peer that takes no reply is reported, even if it sends nothing more
    server.ended(number, client);
}

// ---- before and after ----

std::vector<weir::server_options> echo_server::loops(std::uint64_t threads) {
    weir::server_options one;
    one.wrappers = through_;
    one.log = [this](const weir::server_event& what) { happened(what); };
    weir::limits all;
    all.drain = limits_.drain;
    all.connections = limits_.connections;
    all.connections_of_a_source = limits_.of_a_source;
    all.held_bytes_of_a_loop = limits_.held_bytes;
    all.kernel_buffer_bytes = limits_.kernel_buffer_bytes;
    all.connection.first_message = limits_.first_message;
    all.connection.whole_message = limits_.whole_message;
    all.connection.idle.reset();  // this limit counts bytes; idle_until() counts whole messages
    all.connection.stalled_send = limits_.stall;
    const std::vector<weir::limits> shares = weir::divide_among_loops(all, threads);
    std::vector<weir::server_options> loops;
    for (const weir::limits& share : shares) {
        one.limits = share;
        loops.push_back(one);
    }
    return loops;
}

void echo_server::draining() { log_.draining(open_, limits_.drain); }

serve_log::totals echo_server::totals(const weir::server_stats& all) const {
    return {all.accepted, all.messages.messages_sent, failed_, aborted_, all.refused, all.handshakes_failed};
}

// ---- events of the loops ----

void echo_server::happened(const weir::server_event& what) {
    switch (what.what) {
        case weir::server_event::kind::connected:
            if (++open_ != limits_.connections) break;
            log_.paused(
                fmt::format("{} are open, the most that --max-connections allows: accepting pauses until one ends",
                            count(limits_.connections, "connection")));
            break;
        case weir::server_event::kind::ended: --open_; break;
        case weir::server_event::kind::paused:
            if (what.why->system_code() == 0) break;  // only the limit of connections is reached
            log_.paused(fmt::format("{}: accepting pauses until resources are free again", describe_cause(*what.why)));
            break;
        case weir::server_event::kind::refused:
            if (what.why != nullptr) {
                log_.refused(*what.peer, describe_cause(*what.why));
                break;
            }
            log_.refused(*what.peer, fmt::format("its address has {}, the most that --max-per-source allows",
                                                 count(*limits_.of_a_source.of(limits_.connections), "connection")));
            break;
        case weir::server_event::kind::handshake_failed:
            if (*what.why != weir::errc::cancelled) log_.handshake_failed(*what.peer, *what.why);
            break;
        case weir::server_event::kind::thrown:
            ++failed_;
            log_.thrown(what.peer == nullptr ? weir::address() : *what.peer, what.text);
            break;
        default: break;
    }
}

// ---- a connection ----

weir::deadline echo_server::idle_until() const {
    const weir::time_point now = weir::loop::current().now();
    if (!limits_.idle || *limits_.idle > weir::time_point::max() - now) return {};
    return now + *limits_.idle;
}

// Returns why the connection ended, in words for people. A connection that the drain has ended is not reported as a
// fault of the peer.
weir::error echo_server::judge(const weir::channel& client) const {
    using weir::errc;
    const auto timed_out = [](std::string_view what, weir::duration limit) {
        return weir::error(errc::timed_out, {}, {},
                           fmt::format("timed out: {} for {}", what, weir::format_duration(limit)));
    };
    if (client.failure() == errc::cancelled)
        return weir::error(errc::cancelled, {}, {}, "aborted: the server is stopping");
    if (client.failure() == errc::timed_out) return timed_out("the peer took no reply", *limits_.stall);
    const bool came_to_its_end = client.close_reason() == errc::closed || client.close_reason() == errc::cancelled;
    if (client.close_reason() != errc::none && !came_to_its_end) return client.close_reason();
    if (client.failure() != errc::none) return client.failure();
    return came_to_its_end ? weir::error(errc::closed) : timed_out("no whole message arrived", *limits_.idle);
}

void echo_server::ended(std::uint64_t number, const weir::channel& client) {
    const weir::error why = judge(client);
    if (why != weir::errc::closed) ++failed_;
    if (why == weir::errc::cancelled) ++aborted_;
    log_.closed({number, client.peer().address()}, why, client.stats().messages_sent, client.stats().messages_skipped);
}

}  // namespace weir_tool
