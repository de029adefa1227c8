// A connected stream socket that is read and written by io_uring(7). A receive waits in the kernel only while somebody wants one, and
// takes a buffer only when something has come; one send is on its way at a time. Private.
#pragma once

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
        : kernel_stream(std::move(connected)), world_(world) {}

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::size_t unsent() const noexcept override { return sending_.size(); }
    void close(bool reset) noexcept override;

    void answered(question which, int how, unsigned flags) noexcept override;
    bool is_awaited(question) const noexcept override { return !is_closed_ && told().awaits_sent(); }

private:
    static constexpr question receiving = 0;
    static constexpr question sending = 1;

    ~uring_stream() override = default;

    void ask_to_receive();
    void ask_to_send();
    void received(int how, unsigned flags);
    void sent(int how);

    uring_backend& world_;
    buffer sending_;
    block_size block_;
    unsigned char asked_size_ = 0;
    bool is_empty_ = true;  // there is probably nothing to be read now
    bool is_full_ = false;  // the kernel took less than it was given
    bool is_receiving_ = false;
    bool is_sending_ = false;
    bool is_closed_ = false;
};

}  // namespace weir
