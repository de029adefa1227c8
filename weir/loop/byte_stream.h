// A stream of bytes in both directions, as a loop sees it: a TCP or Unix connection of a backend, one end of a pair in
// memory, or a transform (TLS) on top of another one. Completion-shaped: one asks, and is answered at once or told
// later.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "weir/base/address.h"
#include "weir/base/buffer.h"
#include "weir/base/result.h"
#include "weir/loop/lent_bytes.h"
#include "weir/loop/outcome.h"

namespace [[gnu::visibility("default")]] weir {

struct kernel_view;
class socket;

// What came: bytes; no bytes and a good outcome: the end of the stream; or why nothing comes any more. An end without
// the farewell that a transform demands (TLS close_notify) is errc::truncated.
struct arrival {
    outcome how;
    lent_bytes bytes;
    std::size_t in_room = 0;  // or so many bytes are in user::room()

    bool ends() const noexcept { return !how.good() || (bytes.empty() && in_room == 0); }
};

// One receive and one send may be on their way at a time, of one another independent. A stream is used on its loop's
// thread alone, and dies by close().
class byte_stream {
public:
    // Who is told. It may ask for more in these calls, but must not close this or another stream: it leaves that to the
    // loop.
    class user {
    public:
        // Where bytes that are read now may go: memory that is filled before anything else happens, and told at once;
        // none: they are lent.
        virtual std::span<std::byte> room() noexcept { return {}; }
        virtual void received(arrival came) noexcept = 0;
        // All of it was taken by the world, or some of it never will be.
        virtual void sent(outcome how) noexcept = 0;
        // Whether anybody waits for sent(), asked at the end of a turn: what nobody waits for may be told with whatever
        // happens next.
        virtual bool awaits_sent() const noexcept { return true; }

    protected:
        ~user() = default;
    };

    // Before anything is asked. The user outlives the stream's close().
    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;

    void tell(user& one) noexcept { user_ = &one; }

    // Asks for what comes next. Answered at once, or user::received() is called later, once; until then it is not
    // asked again. After an end or a failure it is not asked any more.
    virtual std::optional<arrival> receive() = 0;

    // Takes over all of `bytes` (not none), and leaves an empty buffer. Answered at once, or user::sent() is called
    // later; until then it is not asked again. After a failure it is not asked any more.
    virtual std::optional<outcome> send(buffer& bytes) = 0;
    // How much of what was taken over is not yet with the world; it grows smaller where there is progress.
    virtual std::size_t unsent() const noexcept = 0;
    // How much of it the peer has not taken: unsent(), and what the world still holds, in bytes as far as the world
    // tells. It changes where the peer makes progress. A wrapper adds what it holds itself to that of the stream below.
    // It may cost a system call.
    virtual std::size_t untaken() const noexcept = 0;

    // Ends the sending side; not while a send is on its way. The peer reads the end of the stream. Answered at once, or
    // user::sent() is called later, as for a send: a transform has a farewell to say.
    virtual std::optional<outcome> shutdown_send() = 0;

    // The stream is no more: what is on its way is dropped, nobody is told, and the object is not used again. `reset`
    // tells the peer at once and drops what it was sent.
    virtual void close(bool reset = false) noexcept = 0;

    virtual address local_address() const = 0;
    virtual address peer_address() const = 0;
    // The kernel buffers no more than so many bytes of what came and of what was sent, socket(7): SO_RCVBUF, SO_SNDBUF.
    // Nothing where no kernel is.
    virtual void limit_kernel_buffers(std::size_t /*receive_bytes*/, std::size_t /*send_bytes*/) noexcept {}
    // What the kernel holds of it; errc::unsupported where no kernel is.
    virtual result<kernel_view> ask_kernel() const = 0;

protected:
    byte_stream() = default;
    virtual ~byte_stream() = default;

    user& told() const noexcept { return *user_; }

private:
    user* user_ = nullptr;
};

// Owns a stream: closed when destroyed.
struct closes_stream {
    void operator()(byte_stream* one) const noexcept { one->close(); }
};
using owned_stream = std::unique_ptr<byte_stream, closes_stream>;

}  // namespace weir
