// A connect(2) in progress. Private.
#pragma once

#include "weir/kernel/common/readiness.h"
#include "weir/loop/backend.h"
#include "weir/socket/socket.h"

namespace weir::internal {

class kernel_backend;

class watched_connect final : public connect_attempt, public readiness_item {
public:
    // Owns a non-blocking socket that has begun to connect, or has connected already.
    watched_connect(kernel_backend& backend, weir::socket connecting, connect_attempt::user& one) noexcept
        : backend_(backend), socket_(std::move(connecting)), user_(one) {}
    ~watched_connect() override;

    void on_ready(std::uint32_t events) noexcept override;

    const weir::socket& connecting() const noexcept { return socket_; }

private:
    kernel_backend& backend_;
    weir::socket socket_;
    connect_attempt::user& user_;
};

}  // namespace weir::internal
