// A connected stream socket that io_uring(7) reads and writes. Private.
//
// Reading. A receive takes a buffer of the ring only when bytes have arrived. On a stream where few bytes arrive at a
// time, the ring receives:
//
//     pattern::first ──bytes arrived──▶ multishot
//     any ──no memory for bytes that arrived──▶ lost
//
// `first` submits a single-shot receive for each receive(). `multishot` does the same when a short read may leave some
// bytes, as on each Unix socket. On a Unix socket, close(2) resets the peer if bytes are unread, so no bytes may be
// read before they are requested. If no short read may leave bytes, `multishot` submits one receive that completes
// again and again. It cancels that receive when bytes arrive that were not requested, when blocks are too small, and
// when an end is announced. On a stream where many bytes arrive at a time (reads_itself()), the ring only reports that
// there are bytes. recv(2) then reads them into memory that is still in the cache, or into the place where the message
// is collected.
//
// Writing. One send is in progress at a time. Large sends use send(2) while their bytes are in the cache.
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

// Allocate it with new. After close(), it exists until the kernel has completed all its requests.
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
    // The most bytes of memory that all streams of a loop use for data that arrived before it was requested. At this
    // limit, new receives are single-shot.
    static constexpr std::size_t most_unrequested_bytes = 16 << 20;

    // A send of at least this size uses send(2) while its bytes are in the cache; smaller sends are submitted to the
    // ring together.
    static constexpr std::size_t least_own_send_bytes = 4096;

    static constexpr operation receiving = 0;
    static constexpr operation sending = 1;
    static constexpr operation watching = 2;  // polls for an error or the end
    static constexpr operation polling = 3;   // polls for anything to read

    // How the ring receives.
    enum class pattern : std::uint8_t {
        first,
        multishot,
        lost,  // there was no memory for bytes that arrived: no more bytes are received
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
        some,  // bytes that a recv(2) of this stream can read
    };
    // Whether the user waits for bytes, halts the stream, or has closed it.
    enum class user_state : std::uint8_t {
        silent,
        waiting,  // receive() was called, and has not completed
        halting,  // halt() was called: results are kept, and no more requests are submitted
        closed,
    };
    enum class writer : std::uint8_t {
        idle,
        prompt,         // the kernel takes what it can while the send is submitted
        when_writable,  // the kernel took only a part: the send waits for room
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
    // Submits a receive again, after a request that completed without a result.
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

    // The part of a queue with shared blocks that the kernel did not take at once.
    struct gathered_send {
        send_queue queue;
        std::optional<gathered_parts> parts;  // the parts in the request
    };

    uring_backend& backend_;
    std::unique_ptr<std::vector<arrival>>
        unrequested_;  // arrived before they were requested; most streams never have any
    buffer sending_;
    std::unique_ptr<gathered_send> gathered_;  // instead of sending_; most streams never have any
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
