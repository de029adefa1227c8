// A byte stream for threads that block: a thread of its own runs its loop. Private.
//
//     send()    ──▶ outgoing_ ──▶ stream ──▶ the peer       the caller's thread │ the loop's thread
//     receive() ◀── arrived_  ◀── stream ◀── the peer
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "weir/base/address.h"
#include "weir/base/buffer.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/coroutine/loop_thread.h"
#include "weir/coroutine/task.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/loop.h"

namespace weir::internal {

// Thread safety: one thread may receive while another one sends. Each direction, and everything else, is for one thread
// at a time.
class driven_stream {
public:
    using maker = std::function<task<result<owned_stream>>()>;
    // The most bytes that wait in each direction between the two threads; a received block more. As many again are with
    // the stream.
    static constexpr std::size_t most_waiting_bytes = 64 * 1024;

    // Starts the thread, and awaits make() on its loop. The errors are those of loop_thread::start() and of make(); an
    // exception of make() is invalid, std::bad_alloc is no_memory. `peer` is for error texts; none: the stream's.
    static result<std::unique_ptr<driven_stream>> open(maker make, address peer = {});
    driven_stream(const driven_stream&) = delete;
    driven_stream& operator=(const driven_stream&) = delete;
    // Closes the stream; what was not sent is lost: finish() first.
    ~driven_stream();

    // Waits for some bytes; 0 is the end of the stream. An error is final, but for
    // timed_out without the kernel's ETIMEDOUT: the deadline has passed.
    result<std::size_t> receive(std::span<std::byte> into, deadline until);
    // Waits until some bytes can be handed over. An error of the stream is reported by a later call.
    result<std::size_t> send(bytes_view bytes, deadline until);
    // Ends the sending side when everything was sent.
    void shutdown_send();
    // Waits until the sending side has ended. The errors are timed_out and that of the stream.
    result<void> finish(deadline until);
    // Bytes that were handed over and that the peer has not taken, as far as the stream can tell by `until`.
    std::size_t untaken(deadline until);
    // Bytes of memory that lie between the two threads.
    std::size_t held_bytes();
    const address& peer() const noexcept { return peer_; }

private:
    class pump;
    using opening = std::function<void(result<void>)>;

    enum class output : std::uint8_t {
        open,
        ending,    // shutdown_send() was called
        shutting,  // everything was sent: the stream shuts down
        ended,
    };

    driven_stream() = default;
    static task<> drive(driven_stream& of, maker make, const opening& opened);
    void run_loop(loop& mine, const maker& make, const opening& opened) noexcept;
    bool wait(std::unique_lock<std::mutex>& locked, deadline until, const std::function<bool()>& holds);
    void wake();
    void fail(outcome why) noexcept;

    std::mutex lock_;  // guards the members up to is_posted_
    std::condition_variable changed_;
    buffer arrived_;
    buffer outgoing_;
    std::optional<outcome> input_end_;  // a good one is the end of the stream
    outcome output_failure_;
    std::optional<std::size_t> untaken_;  // the answer to untaken()
    output output_ = output::open;
    bool is_posted_ = false;  // pump::run() comes soon

    address peer_;
    std::unique_ptr<remote> loop_;
    remote::prepared close_;
    pump* pump_ = nullptr;  // of the loop's thread, while it runs
    std::unique_ptr<loop_thread> thread_;
};

}  // namespace weir::internal
