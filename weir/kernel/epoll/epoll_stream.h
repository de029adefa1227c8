// A connected stream socket in an epoll(7) set. It is watched edge-triggered in both directions from the beginning, so
// that waiting needs no further call. Private.
#pragma once

#include <memory>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/kernel/common/kernel_stream.h"
#include "weir/kernel/common/readiness.h"
#include "weir/loop/internal/block_pool.h"

namespace weir::internal {

class epoll_backend;

// Allocate it with new: close() deletes it.
class epoll_stream final : public kernel_stream, public readiness_item {
public:
    // Owns a connected socket.
    epoll_stream(epoll_backend& backend, weir::socket connected) noexcept
        : kernel_stream(std::move(connected)), backend_(backend) {}

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::optional<outcome> send_gathered(send_queue& queue) override;
    std::size_t unsent() const noexcept override { return sending_ == nullptr ? 0 : sending_->size(); }
    std::optional<outcome> halt() override;
    send_queue take_unsent() noexcept override {
        return sending_ == nullptr ? send_queue() : std::exchange(*sending_, {});
    }
    result<weir::socket> take_apart(buffer& unread) override;
    void close(bool reset) noexcept override;

    void on_ready(std::uint32_t events) noexcept override;

private:
    ~epoll_stream() override = default;

    epoll_backend& backend_;
    send_queue& sending() {
        if (sending_ == nullptr) sending_ = std::make_unique<send_queue>();
        return *sending_;
    }

    std::unique_ptr<send_queue> sending_;  // what the kernel did not take at once; most streams never have any
    block_size block_;
    bool readable_ = false;  // a read may return something
    bool is_receiving_ = false;
};

}  // namespace weir::internal
