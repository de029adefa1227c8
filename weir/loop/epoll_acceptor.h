// A listening socket in an epoll(7) set. Private.
#pragma once

#include "weir/loop/kernel_backend.h"

namespace weir {

class epoll_backend;

// Lives on the heap; close() deletes it.
class epoll_acceptor final : public kernel_acceptor, public readiness_item {
public:
    // Owns a listening, non-blocking socket.
    epoll_acceptor(epoll_backend& world, weir::socket listening)
        : kernel_acceptor(std::move(listening)), world_(world) {}

    std::optional<newcomer> accept() override;
    void rest() noexcept override { asked_ = false; }
    void close() noexcept override;

    void happened(std::uint32_t events) noexcept override;

private:
    ~epoll_acceptor() override = default;

    epoll_backend& world_;
    bool ready_ = true;  // somebody may wait
    bool asked_ = false;
};

}  // namespace weir
