// A connected stream socket that io_uring(7) reads and writes. Private.
//
// The reader. A receive takes a buffer of the ring only when bytes have arrived. Where few bytes arrive at a time, the
// ring receives:
//
//     pattern::first ──bytes arrived──▶ multishot
//     any ──no memory for bytes that arrived──▶ lost
//
// `first` submits a single-shot receive for each receive(), and so does `multishot` when a short read may leave some:
// a Unix socket that is closed with unread content resets its peer, close(2). Otherwise `multishot` submits one
// receive that completes again and again. It cancels that receive when bytes arrive that were not requested, when
// blocks are too small, and when an end is announced. Where many bytes arrive at a time (reads_itself()), the ring
// only reports that there is something. recv(2) then reads it into memory that is still in the cache, or into the
// place where the message is collected.
//
// The writer. One send is submitted at a time; large ones are sent by send(2) while their bytes are in the cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/kernel/common/gathered_parts.h"
#include "weir/kernel/common/kernel_stream.h"
#include "weir/kernel/uring/uring_ring.h"
#include "weir/loop/internal/block_pool.h"

namespace weir::internal {

class uring_backend;

// Allocate it with new. After close() it exists until the kernel has completed everything.
class uring_stream final : public kernel_stream, public uring_item {
public:
    // Owns a connected socket.
    uring_stream(uring_backend& backend, weir::socket connected) noexcept
        : kernel_stream(std::move(connected)), backend_(backend) {}

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::optional<outcome> send_gathered(send_queue& queue) override;
    std::size_t unsent() const noexcept override {
        return gathered_ == nullptr ? sending_.size() : gathered_->queue.size();
    }
    std::optional<outcome> halt() override;
    send_queue take_unsent() noexcept override;
    result<weir::socket> take_apart(buffer& unread) override;
    void close(bool reset) noexcept override;

    void completed(operation which, int how, unsigned flags) noexcept override;
    bool awaits_completion(operation) const noexcept override {
        return user_ != user_state::closed && current_user().awaits_sent();
    }

private:
    // The most bytes of memory, of all streams of a loop, for data that arrived before it was requested. At this limit
    // new receives are single-shot.
    static constexpr std::size_t most_unrequested_bytes = 16 << 20;

    // A send of at least this size uses send(2) while its bytes are in the cache; smaller ones are submitted together.
    static constexpr std::size_t least_own_send_bytes = 4096;

    static constexpr operation receiving = 0;
    static constexpr operation sending = 1;
    static constexpr operation watching = 2;  // for an error or the end
    static constexpr operation polling = 3;   // for anything to read

    // How the ring receives.
    enum class pattern : std::uint8_t {
        first,
        multishot,
        lost,  // there was no memory for bytes that arrived: nothing more is received
    };
    // The state of a request to the ring, io_uring(7).
    enum class request : std::uint8_t {
        none,
        single_shot,  // completes once
        multishot,    // completes again and again
        cancelled,    // cancelled, and not yet completed for the last time
    };
    // What a read of the socket would probably find.
    enum class content : std::uint8_t {
        nothing,
        unknown,
        some,  // for a recv(2) of this stream
    };
    // Whether the user waits for bytes.
    enum class user_state : std::uint8_t {
        silent,
        waiting,  // receive() was called, and has not completed
        halting,  // halt() was called: what completes is kept, and nothing is submitted
        closed,
    };
    enum class writer : std::uint8_t {
        idle,
        prompt,         // the kernel takes what it can while the send is submitted
        when_writable,  // it took only a part: the send waits for room
    };

    ~uring_stream() override;

    bool has_unrequested() const noexcept { return unrequested_ != nullptr && !unrequested_->empty(); }
    bool is_closed() const noexcept { return user_ == user_state::closed; }
    bool reads_itself() const noexcept;
    bool has_requests() const noexcept {
        return receive_ != request::none || poll_ != request::none || is_watching_ || writer_ != writer::idle;
    }

    std::optional<arrival> read_now();
    void poll();
    void submit_receive();
    // The same, to replace a request that completed without a result.
    void receive_again();
    void stop_receiving() noexcept;
    void watch_ending();
    void cancel_all() noexcept;
    void received(int how, unsigned flags);
    void polled(int how);
    void deliver(arrival came);

    void submit_send(writer how);
    void sent(int how, writer was);
    void sent_while_halting(int how);
    void took(std::size_t count);
    void drop_sending() noexcept;
    outcome failed_to_send(int number) noexcept;

    // What the kernel did not take at once of a queue with shared blocks.
    struct gathered_send {
        send_queue queue;
        std::optional<gathered_parts> parts;  // of the request
    };

    uring_backend& backend_;
    std::unique_ptr<std::vector<arrival>>
        unrequested_;  // arrived before they were requested; most streams never have any
    buffer sending_;
    std::unique_ptr<gathered_send> gathered_;  // instead of it; most streams never have any
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
