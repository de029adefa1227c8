// The acceptor of a server for which another loop accepts. Private.
#pragma once

#include <memory>

#include "weir/loop/acceptor.h"
#include "weir/service/internal/accept_dispatcher.h"

namespace weir::internal {

// Allocate it with new: close() deletes it.
class dispatched_acceptor final : public acceptor {
public:
    // Makes an acceptor for the running loop. `here` is the address of the listener.
    dispatched_acceptor(std::shared_ptr<accept_dispatcher> from, std::optional<std::size_t> most, address here);

    std::optional<accepted_connection> accept() override;
    void pause() noexcept override { is_accepting_ = false; }
    address local_address() const override { return here_address_; }
    void close() noexcept override;

    // The target that counts the server's connections from this acceptor.
    const accept_dispatcher::shared_target& counts() const noexcept { return target_; }

private:
    ~dispatched_acceptor() override = default;

    void woken();

    loop& here_;
    const std::shared_ptr<accept_dispatcher> from_;
    const address here_address_;
    const accept_dispatcher::shared_target target_;
    bool is_accepting_ = false;
};

}  // namespace weir::internal
