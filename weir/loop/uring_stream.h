// A connected stream socket that is read and written by io_uring(7). A receive takes a buffer only when something has come. Over TCP, where little
// comes at a time, one question receives again and again from the second time on, and is taken back when something comes that nobody asked
// for; else each question is for one receive. Where much comes at a time the ring only tells that there is something: it is read by recv(2), into
// memory that is still in the cache, or where the message is collected, and sent by send(2) while it is there. One send is on its way at a time.
// Private.
#pragma once

#include <memory>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/loop/block_pool.h"
#include "weir/loop/kernel_stream.h"
#include "weir/loop/uring_ring.h"

namespace weir {

class uring_backend;

// Lives on the heap; after close() until the kernel has answered.
class uring_stream final : public kernel_stream, public uring_item {
public:
    // Owns a connected socket.
    uring_stream(uring_backend& world, weir::socket connected) noexcept
        : kernel_stream(std::move(connected)), world_(world), may_repeat_(!is_local_) {}

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::size_t unsent() const noexcept override { return sending_.size(); }
    void close(bool reset) noexcept override;

    void answered(question which, int how, unsigned flags) noexcept override;
    bool is_awaited(question) const noexcept override { return !is_closed_ && told().awaits_sent(); }

private:
    // What came before it was asked for, of all streams of a loop; above that each question is for one receive.
    static constexpr std::size_t most_ahead_bytes = 16 << 20;

    // What is as large is sent by send(2) while it is in the cache; smaller ones leave together.
    static constexpr std::size_t least_own_send_bytes = 4096;

    static constexpr question receiving = 0;
    static constexpr question sending = 1;
    static constexpr question watching = 2;  // whether it fails or ends
    static constexpr question polling = 3;   // whether there is something

    ~uring_stream() override;

    bool has_ahead() const noexcept { return ahead_ != nullptr && !ahead_->empty(); }
    bool reads_itself() const noexcept;
    std::optional<arrival> read();
    outcome failed_to_send(int number) noexcept;
    void poll();
    void ask_to_receive();
    // The same, in place of a request that ended without an answer.
    void receive_again();
    void stop_receiving() noexcept;
    void watch_ending();
    bool has_asked() const noexcept { return is_receiving_ || is_sending_ || is_watching_ || is_polled_; }
    void deliver(arrival came);
    void ask_to_send();
    void received(int how, unsigned flags);
    void polled(int how);
    void sent(int how);

    uring_backend& world_;
    std::unique_ptr<std::vector<arrival>> ahead_;  // came when nobody asked; most never have any
    buffer sending_;
    block_size block_;
    bool is_wanted_ = false;  // somebody asked for what comes next
    bool may_repeat_;  // no end is announced; close(2) with content unread resets a Unix peer, and nothing else does
    bool has_received_ = false;
    bool is_repeated_ = false;
    bool is_polled_ = false;
    bool is_unpolled_ = false;  // that question is taken back, and not yet answered for the last time
    bool is_readable_ = false;  // there may be something for a read of our own
    bool is_watching_ = false;
    bool is_stopping_ = false;  // the question is taken back, and not yet answered for the last time
    bool is_empty_ = true;      // there is probably nothing to be read now
    bool is_full_ = false;      // the kernel took less than it was given
    bool is_receiving_ = false;
    bool is_sending_ = false;
    bool is_closed_ = false;
};

}  // namespace weir
