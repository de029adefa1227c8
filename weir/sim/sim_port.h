// A datagram socket of a simulated network. A datagram arrives whole or not at all; which of them do, how often, and
// when, the options and the choices say. Private.
#pragma once

#include <deque>
#include <memory>

#include "weir/loop/datagram_port.h"
#include "weir/sim/sim_world.h"

namespace weir {

// Lives on the heap; close() deletes it. It holds a descriptor, which whoever makes it has taken. Its world sends to it
// by its number, for it may be closed before something arrives.
class sim_port final : public datagram_port {
public:
    sim_port(sim_world& world, address here, address peer);

    std::optional<parcel> receive() override;
    void rest() noexcept override { asked_.end(); }
    outcome send(bytes_view payload, const address& to) override;
    address local_address() const override { return here_; }
    address peer_address() const override { return peer_; }
    void close() noexcept override;

private:
    struct datagram {
        bytes content;
        address from;
    };
    // What events know of it.
    struct handle {
        sim_port* port;
    };

    ~sim_port() override;

    void post(std::shared_ptr<const datagram> one, const address& to);
    void arrive(const datagram& one);
    void be_refused();
    bool takes(const address& from) const { return peer_.family() == address_family::none || covers(peer_, from); }
    parcel first();
    void tell();

    sim_world& world_;
    const std::uint64_t number_;
    const address here_;
    const address peer_;
    const std::shared_ptr<handle> handle_;
    std::deque<datagram> arrived_;
    std::size_t arrived_bytes_ = 0;
    time_point last_due_{};
    outcome failure_;
    asked asked_;
    bool is_telling_ = false;
};

}  // namespace weir
