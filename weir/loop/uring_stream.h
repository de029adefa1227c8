// A connected stream socket that io_uring(7) reads and writes. Private.
//
// The reader. A receive takes a buffer of the ring only when bytes have come. Where little comes at a time, the ring
// receives:
//
//     pattern::first ──bytes came──▶ multishot
//     any ──there is no memory to keep what came──▶ lost
//
// `first` submits a receive for each request, and so does `multishot` when a short read may leave some: a Unix socket
// that is closed with unread content resets its peer, close(2). Else `multishot` submits one receive that completes
// again and again, and cancels it when something comes that was not requested, when blocks are too small, and when an
// end is announced. Where much comes at a time (reads_itself()), the ring only reports that there is something, and
// recv(2) reads it into memory that is still in the cache, or where the message is collected.
//
// The writer. One send is submitted at a time; large ones are sent by send(2) while their bytes are in the cache.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/loop/internal/block_pool.h"
#include "weir/loop/kernel_stream.h"
#include "weir/loop/uring_ring.h"

namespace weir::internal {

class uring_backend;

// Lives on the heap; after close() until the kernel has completed everything.
class uring_stream final : public kernel_stream, public uring_item {
public:
    // Owns a connected socket.
    uring_stream(uring_backend& backend, weir::socket connected) noexcept
        : kernel_stream(std::move(connected)), backend_(backend) {}

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::size_t unsent() const noexcept override { return sending_.size(); }
    void close(bool reset) noexcept override;

    void completed(operation which, int how, unsigned flags) noexcept override;
    bool awaits_completion(operation) const noexcept override {
        return user_ != user_state::closed && current_user().awaits_sent();
    }

private:
    // Memory of what came before it was requested, in bytes, of all streams of a loop; above it new receives are
    // single-shot.
    static constexpr std::size_t most_ahead_bytes = 16 << 20;

    // A send of so many bytes is made by send(2) while they are in the cache; smaller ones leave together.
    static constexpr std::size_t least_own_send_bytes = 4096;

    static constexpr operation receiving = 0;
    static constexpr operation sending = 1;
    static constexpr operation watching = 2;  // for an error or the end
    static constexpr operation polling = 3;   // for anything to read

    // How the ring receives.
    enum class pattern : std::uint8_t {
        first,
        multishot,
        lost,  // something came for which there was no memory: nothing is received any more
    };
    // The state of a request to the ring, io_uring(7).
    enum class request : std::uint8_t {
        none,
        single_shot,  // completes once
        multishot,    // completes again and again
        cancelled,    // and not yet completed for the last time
    };
    // What the socket probably has for a read.
    enum class content : std::uint8_t {
        nothing,
        unknown,
        some,  // for a recv(2) of this stream
    };
    // Whether the user waits for bytes.
    enum class user_state : std::uint8_t {
        silent,
        waiting,  // receive() was called, and has not completed
        closed,
    };
    enum class writer : std::uint8_t {
        idle,
        prompt,         // the kernel takes what it can while the send is submitted
        when_writable,  // it took less than all: the send waits for room
    };

    ~uring_stream() override;

    bool has_ahead() const noexcept { return ahead_ != nullptr && !ahead_->empty(); }
    bool is_closed() const noexcept { return user_ == user_state::closed; }
    bool reads_itself() const noexcept;
    bool has_requests() const noexcept {
        return receive_ != request::none || poll_ != request::none || is_watching_ || writer_ != writer::idle;
    }

    std::optional<arrival> read_now();
    void poll();
    void submit_receive();
    // The same, in place of a request that was completed without a result.
    void receive_again();
    void stop_receiving() noexcept;
    void watch_ending();
    void received(int how, unsigned flags);
    void polled(int how);
    void deliver(arrival came);

    void submit_send(writer how);
    void sent(int how, writer was);
    outcome failed_to_send(int number) noexcept;

    uring_backend& backend_;
    std::unique_ptr<std::vector<arrival>> ahead_;  // came before it was requested; most streams never have any
    buffer sending_;
    block_size block_;
    user_state user_ = user_state::silent;
    pattern pattern_ = pattern::first;
    request receive_ = request::none;
    request poll_ = request::none;
    content content_ = content::nothing;
    writer writer_ = writer::idle;
    bool is_watching_ = false;
};

}  // namespace weir::internal
