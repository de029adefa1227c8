// A protocol layer between the socket and the framing of a channel: TLS, WebSocket, the PROXY header. A connection goes
// through its wrappers in their order, before its handler is called.
//
//     class greeting final : public weir::wrapper {
//         std::string_view name() const noexcept override { return "greeting"; }
//         weir::task<weir::result<weir::owned_stream>> wrap(weir::owned_stream below,
//                                                           weir::peer_facts& peer) const override {
//             weir::handshake opening(std::move(below));
//             if (auto sent = co_await opening.send("hello\n"); !sent) co_return sent.error();
//             co_return opening.release();
//         }
//     };
//     weir::server_options how;
//     how.wrappers.push_back(std::make_shared<greeting>());
#pragma once

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/loop/byte_stream.h"
#include "weir/stream/peer_facts.h"

namespace [[gnu::visibility("default")]] weir {

// A protocol layer between the socket and the framing, such as TLS. One object wraps many connections, all in the same
// role: a protocol with two roles, such as client and server, has a separate wrapper for each role. The wrapper exists
// until the task of wrap() has ended. The stream that wrap() returns may outlive the wrapper, so the stream owns or
// shares what it needs (keys, a TLS context). Thread safety: the loops of a server call these functions on several
// threads at once; a connection stays on its loop.
class wrapper {
public:
    // The value that handshake_time() returns unless a wrapper overrides it.
    static constexpr duration default_handshake_time = std::chrono::seconds(10);

    wrapper(const wrapper&) = delete;
    wrapper& operator=(const wrapper&) = delete;
    virtual ~wrapper() = default;

    // The name in error texts and logs, one word: "tls".
    virtual std::string_view name() const noexcept = 0;

    // Takes ownership of a stream and does the handshake (handshake.h reads and sends). Returns the stream for the next
    // wrapper or for the framing: `below` itself, or a stream on top that owns it. Returning a null stream fails a
    // WEIR_CHECK. Adds what it has found out to `peer`, which exists until the task has ended. After an error the
    // handler is not called, and the connection is closed without a linger. Unread input then makes the kernel reset
    // the connection, and the reset may destroy a last message such as a TLS alert (RFC 2525, 2.17). An exception
    // counts as errc::invalid, std::bad_alloc as errc::no_memory.
    //
    // The task is cancelled after handshake_time(), when connect() or adopt() is cancelled or its deadline passes, and
    // when its server stops. The operation that it awaits then returns errc::cancelled. The task must then end at once:
    // the server waits for it without a limit, even after limits::drain. The coroutine frame of a suspended task is
    // destroyed when the server is destroyed, when replace_stream() is cancelled, and when its channel is aborted.
    virtual task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const = 0;
    // The longest time that the task of wrap() may take; the task is then cancelled, and the error is errc::timed_out.
    // std::nullopt means no limit.
    virtual std::optional<duration> handshake_time() const noexcept { return default_handshake_time; }

    // Returns the framing of the stream that wrap() returns, for a protocol with messages of its own (WebSocket).
    // Returns std::nullopt, the default, for a stream of plain bytes. The limits, such as max, should come from
    // `requested`: the framing of the caller, or of a wrapper before this one. The last wrapper with a fixed framing
    // decides, and switch_framing() then fails with errc::unsupported. This function is called before any handshake; a
    // server calls it once for all connections. It may throw only std::bad_alloc.
    virtual std::optional<framing> fixed_framing(const framing& /*requested*/) const { return {}; }

protected:
    wrapper() = default;
};

// Wrappers in the order in which a connection goes through them: the first one gets the stream of the socket. A single
// wrapper converts to this type: connect(where, tls::client(), framing::lines()).
class wrappers : public std::vector<std::shared_ptr<const wrapper>> {
public:
    using vector::vector;
    wrappers() = default;
    // Converts from a single wrapper.
    template <std::convertible_to<std::shared_ptr<const wrapper>> One>
    wrappers(One one) {
        push_back(std::move(one));
    }
};

}  // namespace weir
