// A listening socket whose readiness is watched. accept() calls accept4(2) for each connection. Private.
#pragma once

#include "weir/kernel/common/readiness.h"
#include "weir/loop/acceptor.h"
#include "weir/socket/socket.h"

namespace weir::internal {

class kernel_backend;

// It accepts nothing in advance. A multishot accept of io_uring(7) would take all connections from the accept queue,
// even if a limit on connections is reached. It would also return no addresses. Allocate it with new: close() deletes
// it.
class watched_acceptor final : public acceptor, public readiness_item {
public:
    // Owns a listening, non-blocking socket.
    watched_acceptor(kernel_backend& backend, weir::socket listening);

    std::optional<accepted_connection> accept() override;
    void pause() noexcept override { is_accepting_ = false; }
    bool give_sockets() noexcept override { return gives_sockets_ = true; }
    address local_address() const override { return here_; }
    void close() noexcept override;

    void on_ready(std::uint32_t events) noexcept override;

    const weir::socket& listening() const noexcept { return socket_; }

private:
    ~watched_acceptor() override = default;

    kernel_backend& backend_;
    weir::socket socket_;
    address here_;
    bool is_ready_ = true;  // there may be a connection
    bool is_accepting_ = false;
    bool gives_sockets_ = false;
};

}  // namespace weir::internal
