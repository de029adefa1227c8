// A datagram socket whose readiness is watched. Private.
#pragma once

#include "weir/kernel/common/readiness.h"
#include "weir/loop/datagram_port.h"
#include "weir/socket/socket.h"

namespace weir::internal {

class kernel_backend;

// Allocate it with new: close() deletes it.
class watched_port final : public datagram_port, public readiness_item {
public:
    // Owns a non-blocking datagram socket.
    watched_port(kernel_backend& backend, weir::socket opened) noexcept
        : backend_(backend), socket_(std::move(opened)) {}

    std::optional<arrived_datagram> receive() override;
    void pause() noexcept override { receiving_ = false; }
    outcome send(bytes_view payload, const address& to) override;
    address local_address() const override;
    address peer_address() const override;
    void close() noexcept override;

    void on_ready(std::uint32_t events) noexcept override;

    const weir::socket& opened() const noexcept { return socket_; }

private:
    ~watched_port() override = default;

    kernel_backend& backend_;
    weir::socket socket_;
    bool readable_ = true;
    bool receiving_ = false;
    bool is_full_ = false;
};

}  // namespace weir::internal
