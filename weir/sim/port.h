// A datagram socket of a simulated network. A datagram arrives whole or not at all. The options and the choices decide
// which datagrams arrive, how often, and when. Private.
#pragma once

#include <deque>
#include <memory>

#include "weir/loop/datagram_port.h"
#include "weir/sim/simulation.h"

namespace weir::sim::internal {

// Allocate it with new: close() deletes it. Owns one simulated descriptor, which the creator has taken with
// take_descriptor(). Events refer to the port through a handle, because it may be closed before a datagram arrives.
class port final : public datagram_port {
public:
    port(simulation& shared, address here, address peer);

    std::optional<arrived_datagram> receive() override;
    void pause() noexcept override { pending_.end(); }
    outcome send(bytes_view payload, const address& to) override;
    address local_address() const override { return here_; }
    address peer_address() const override { return peer_; }
    void close() noexcept override;

private:
    struct datagram {
        bytes content;
        address from;
    };
    struct handle {
        port* owner;  // null: closed
    };

    ~port() override;

    void transmit(std::shared_ptr<const datagram> one, const address& to);
    void arrive(const datagram& one);
    void fail_as_refused();
    bool accepts(const address& from) const { return peer_.family() == address_family::none || covers(peer_, from); }
    arrived_datagram first();
    void notify();

    simulation& shared_;
    const std::uint64_t number_;
    const address here_;
    const address peer_;
    const std::shared_ptr<handle> handle_;
    std::deque<datagram> arrived_;
    std::size_t arrived_bytes_ = 0;
    time_point last_due_{};
    outcome failure_;
    pending_operation pending_;
    bool is_notifying_ = false;
};

}  // namespace weir::sim::internal
