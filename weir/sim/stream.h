// One end of a simulated connection, as its user sees it. A choice decides which operations complete at once, and which
// on a later turn. Private.
#pragma once

#include <memory>
#include <utility>

#include "weir/loop/byte_stream.h"
#include "weir/sim/connection.h"

namespace weir::sim::internal {

// Allocate it with new: close() deletes it. Owns one simulated descriptor, which the creator has taken with
// take_descriptor().
class stream final : public byte_stream {
public:
    // `here` and `peer` are the addresses that its user sees.
    stream(std::shared_ptr<connection> of, connection::side side, address here, address peer);

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::size_t unsent() const noexcept override { return unsent_.size(); }
    std::size_t untaken() const noexcept override { return unsent_.size() + connection_->bytes_in_flight(side_); }
    std::optional<outcome> shutdown_send() override;
    std::optional<outcome> halt() override;
    send_queue take_unsent() noexcept override { return std::exchange(unsent_, {}); }
    void close(bool reset) noexcept override;
    address local_address() const override { return here_; }
    address peer_address() const override { return peer_; }
    result<kernel_view> ask_kernel() const override;

    // The connection calls these during a wait: bytes have arrived, there is room, or the connection has ended.
    void readable();
    void writable();

private:
    ~stream() override;

    bool is_readable() const;
    arrival read();
    void hand_over(std::size_t size);
    void readable_later();
    void writable_later();

    simulation& shared_;
    const std::shared_ptr<connection> connection_;
    const connection::side side_;
    const address here_;
    const address peer_;
    buffer unsent_;  // what the connection has not accepted yet
    weir::internal::block_size block_;
    pending_operation pending_receive_;
    pending_operation pending_send_;
};

}  // namespace weir::sim::internal
