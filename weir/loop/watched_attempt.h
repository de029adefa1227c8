// A connect(2) that is going on. Private.
#pragma once

#include "weir/loop/backend.h"
#include "weir/loop/readiness.h"
#include "weir/socket/socket.h"

namespace weir {

class kernel_backend;

class watched_attempt final : public attempt, public readiness_item {
public:
    // Owns a non-blocking socket that has begun to connect, or has connected already.
    watched_attempt(kernel_backend& world, weir::socket connecting, attempt::user& told) noexcept
        : world_(world), socket_(std::move(connecting)), told_(told) {}
    ~watched_attempt() override;

    void happened(std::uint32_t events) noexcept override;

    const weir::socket& connecting() const noexcept { return socket_; }

private:
    kernel_backend& world_;
    weir::socket socket_;
    attempt::user& told_;
};

}  // namespace weir
