// The server of `weir serve`: the state that its loops share. Each connection is a task that answers every message with
// the same message. It stops in the library's three steps: it stops accepting, answers the messages that have arrived,
// and aborts the remaining connections.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <weir/coroutine/task.h>
#include <weir/service/server.h>
#include <weir/service/server_stats.h>
#include <weir/stream/channel.h>
#include <weir/stream/wrapper.h>

#include "tool/serve/serve_log.h"

namespace weir_tool {

// Every limit of the server, in addition to the framing's `max`.
struct server_limits {
    std::uint64_t connections = 1000;                                // at a time, on all loops
    weir::source_limit of_a_source;                                  // of connections, on all loops
    std::optional<std::uint64_t> held_bytes;                         // on all loops; empty: no limit
    std::optional<std::uint64_t> kernel_buffer_bytes;                // of all connections; empty: no limit
    std::optional<weir::duration> first_message;                     // until the first message is complete
    std::optional<weir::duration> whole_message;                     // from the first byte of a message to its last
    std::optional<weir::duration> idle = std::chrono::minutes(5);    // without a whole message from the peer
    std::optional<weir::duration> stall = std::chrono::seconds(30);  // the peer takes nothing of a reply
    std::optional<weir::duration> drain = std::chrono::seconds(10);
};

// Outlives the loops. Thread safety: any thread.
class echo_server {
public:
    // Each connection goes through the wrappers before its first message.
    echo_server(const server_limits& limits, weir::wrappers through, serve_log& log)
        : limits_(limits), through_(std::move(through)), log_(log) {}
    echo_server(const echo_server&) = delete;
    echo_server& operator=(const echo_server&) = delete;

    // Returns the options of at most `threads` loops. Each loop has its share of the connections and of the bytes.
    std::vector<weir::server_options> loops(std::uint64_t threads);
    // Call it before the loops are stopped.
    void draining();
    // Call it after the loops have ended. Returns their counters, and those of this server.
    serve_log::totals totals(const weir::server_stats& all) const;

    // The handler of a connection.
    friend weir::task<> echo(weir::channel client, echo_server& server);

private:
    void happened(const weir::server_event& what);
    weir::deadline idle_until() const;
    weir::error judge(const weir::channel& client) const;
    void ended(std::uint64_t number, const weir::channel& client);

    const server_limits limits_;
    const weir::wrappers through_;
    serve_log& log_;
    std::atomic<std::uint64_t> named_ = 0;
    std::atomic<std::uint64_t> open_ = 0;
    std::atomic<std::uint64_t> failed_ = 0;
    std::atomic<std::uint64_t> aborted_ = 0;
};

weir::task<> echo(weir::channel client, echo_server& server);

}  // namespace weir_tool
