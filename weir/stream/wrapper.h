// What stands between a socket and the framing of its channel: TLS, WebSocket, the header of a proxy. A connection goes
// through its wrappers in their order, before its handler is called.
//
//     class greeting final : public weir::wrapper {
//         std::string_view name() const noexcept override { return "greeting"; }
//         weir::task<weir::result<weir::owned_stream>> wrap(weir::owned_stream below,
//                                                           weir::peer_facts& peer) const override {
//             weir::handshake shaking(std::move(below));
//             if (auto sent = co_await shaking.send("hello\n"); !sent) co_return sent.error();
//             co_return shaking.release();
//         }
//     };
//     how.wrappers.push_back(std::make_shared<greeting>());
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/loop/byte_stream.h"
#include "weir/stream/peer_facts.h"

namespace [[gnu::visibility("default")]] weir {

// One object wraps many connections. Thread safety: shared by the loops of a server, so its functions may be called on
// several threads at once; a connection stays on its loop.
class wrapper {
public:
    static constexpr duration default_handshake_time = std::chrono::seconds(10);

    wrapper(const wrapper&) = delete;
    wrapper& operator=(const wrapper&) = delete;
    virtual ~wrapper() = default;

    // For error texts and logs, a word: "tls".
    virtual std::string_view name() const noexcept = 0;

    // Takes over a stream, does the handshake, and returns the stream that the next wrapper or the framing uses:
    // another one on top of it, or the same one. What it finds out about the peer it adds to `peer`, which exists until
    // the task has ended. An error or an exception closes the connection; the handler is not called. The task is
    // cancelled after handshake_time(), and when the server of a connection that has no handler yet stops: an awaited
    // operation then returns errc::cancelled. Until the task has ended the connection counts among those of its server,
    // so end soon. handshake.h reads and sends.
    virtual task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const = 0;
    // How long wrap() may take before it is cancelled, errc::timed_out; std::nullopt for no limit.
    virtual std::optional<duration> handshake_time() const noexcept { return default_handshake_time; }

    // The framing of a wrapper that has messages itself, with the limits of the framing that was asked for; the channel
    // then refuses switch_framing(). std::nullopt: the wrapper carries bytes.
    virtual std::optional<framing> fixed_framing(const framing& /*asked*/) const { return {}; }

protected:
    wrapper() = default;
};

// In the order in which a connection goes through them: the first one stands on the socket.
using wrappers = std::vector<std::shared_ptr<const wrapper>>;

}  // namespace weir
