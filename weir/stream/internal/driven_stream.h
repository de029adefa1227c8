// A byte stream for blocking calls: a separate thread runs its loop. Private.
//
// The class is an interface, so that a program with only plain blocking channels is linked without loops and backends.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "weir/base/address.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/coroutine/task.h"
#include "weir/loop/byte_stream.h"

namespace weir::internal {

// The destructor closes the stream, and what was not sent is lost: call finish() first. Thread safety: one thread may
// receive while another one sends. Only one thread at a time may use a direction, or call any other function.
class driven_stream {
public:
    using maker = std::function<task<result<owned_stream>>()>;
    // The most bytes that wait in each direction between the two threads; the last received block may exceed this
    // number. The stream may hold as many bytes in addition.
    static constexpr std::size_t most_waiting_bytes = 64 * 1024;

    // Starts the thread, and awaits make() on its loop. The errors are those of loop_thread::start() and of make(). An
    // exception of make() becomes the error invalid, and std::bad_alloc becomes no_memory. `peer` is for error texts;
    // without it the stream's peer address is used.
    static result<std::unique_ptr<driven_stream>> open(maker make, address peer = {});
    driven_stream(const driven_stream&) = delete;
    driven_stream& operator=(const driven_stream&) = delete;
    virtual ~driven_stream() = default;

    // Waits for some bytes; 0 is the end of the stream. Every error is final, except timed_out when the deadline has
    // passed. A timed_out whose system code is ETIMEDOUT comes from the kernel and is final.
    virtual result<std::size_t> receive(std::span<std::byte> into, deadline until) = 0;
    // Waits until some bytes can be handed over. An error of the stream is reported by a later call.
    virtual result<std::size_t> send(bytes_view bytes, deadline until) = 0;
    // Ends the sending side when everything was sent.
    virtual void shutdown_send() = 0;
    // Waits until the sending side has ended. The errors are timed_out and the error of the stream.
    virtual result<void> finish(deadline until) = 0;
    // Returns how many of the bytes that were handed over the peer has not taken, if the stream reports it by `until`.
    virtual std::size_t untaken(deadline until) = 0;
    // Bytes of memory between the two threads.
    virtual std::size_t held_bytes() = 0;
    virtual const address& peer() const noexcept = 0;

protected:
    driven_stream() = default;
};

}  // namespace weir::internal
