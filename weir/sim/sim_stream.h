// One end of a simulated connection, as its user sees it. How much of it is answered at once, and how much later, is a
// choice. Private.
#pragma once

#include <memory>

#include "weir/loop/byte_stream.h"
#include "weir/sim/sim_connection.h"

namespace weir {

// Lives on the heap; close() deletes it. It holds a descriptor, which whoever makes it has taken.
class sim_stream final : public byte_stream {
public:
    // `here` and `peer` as its user is to see them.
    sim_stream(std::shared_ptr<sim_connection> of, sim_connection::side side, address here, address peer);

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::size_t unsent() const noexcept override { return sending_.size(); }
    std::size_t untaken() const noexcept override { return sending_.size() + connection_->on_the_way(side_); }
    std::optional<outcome> shutdown_send() override;
    void close(bool reset) noexcept override;
    address local_address() const override { return here_; }
    address peer_address() const override { return peer_; }
    result<kernel_view> ask_kernel() const override;

    // For the connection, in a wait: something has arrived, or there is room, or it is over.
    void readable();
    void writable();

private:
    ~sim_stream() override;

    bool is_readable() const;
    arrival read();
    void hand_over(std::size_t size);
    void readable_later();
    void writable_later();

    sim_world& world_;
    const std::shared_ptr<sim_connection> connection_;
    const sim_connection::side side_;
    const address here_;
    const address peer_;
    buffer sending_;  // what the world did not take yet
    block_size block_;
    asked receiving_;
    asked is_sending_;
};

}  // namespace weir
