// A connect(2) that is going on. Private.
#pragma once

#include "weir/loop/backend.h"
#include "weir/loop/epoll_item.h"
#include "weir/socket/socket.h"

namespace weir {

class epoll_backend;

class epoll_attempt final : public attempt, public epoll_item {
public:
    // Owns a non-blocking socket that has begun to connect, or has connected already.
    epoll_attempt(epoll_backend& world, weir::socket connecting, attempt::user& told) noexcept
        : world_(world), socket_(std::move(connecting)), told_(told) {}
    ~epoll_attempt() override;

    void happened(std::uint32_t events) noexcept override;

    const weir::socket& connecting() const noexcept { return socket_; }

private:
    epoll_backend& world_;
    weir::socket socket_;
    attempt::user& told_;
};

}  // namespace weir
