// A listening socket in an epoll(7) set. Private.
#pragma once

#include "weir/loop/acceptor.h"
#include "weir/loop/epoll_item.h"
#include "weir/socket/socket.h"

namespace weir {

class epoll_backend;

// Lives on the heap; close() deletes it.
class epoll_acceptor final : public acceptor, public epoll_item {
public:
    // Owns a listening, non-blocking socket.
    epoll_acceptor(epoll_backend& world, weir::socket listening);

    std::optional<newcomer> accept() override;
    void rest() noexcept override { asked_ = false; }
    address local_address() const override { return here_; }
    void close() noexcept override;

    void happened(std::uint32_t events) noexcept override;

    const weir::socket& listening() const noexcept { return socket_; }

private:
    ~epoll_acceptor() override = default;

    epoll_backend& world_;
    weir::socket socket_;
    address here_;
    bool ready_ = true;  // somebody may wait
    bool asked_ = false;
};

}  // namespace weir
