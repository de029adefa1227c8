// Repeats a connect(2) to a Unix socket whose accept queue is full, with pauses in between. The kernel does not report
// when there is room. Private.
#pragma once

#include <memory>

#include "weir/kernel/common/readiness.h"
#include "weir/loop/backend.h"
#include "weir/socket/internal/back_off.h"
#include "weir/socket/socket.h"

namespace weir::internal {

class kernel_backend;

// Tries until the connect succeeds or fails, or this object is destroyed.
class retried_connect final : public connect_attempt, public readiness_item {
public:
    // Owns a non-blocking socket whose connect(2) returned EAGAIN. Returns an error when there is no descriptor for the
    // timer.
    static result<std::unique_ptr<connect_attempt>> begin(kernel_backend& backend, weir::socket connecting,
                                                          const address& peer, connect_attempt::user& one);
    ~retried_connect() override;

    // Called when a pause is over.
    void on_ready(std::uint32_t events) noexcept override;

private:
    retried_connect(kernel_backend& backend, weir::socket connecting, address peer, connect_attempt::user& one)
        : backend_(backend), socket_(std::move(connecting)), peer_(std::move(peer)), user_(one) {}

    void try_again();
    bool start_pause() noexcept;
    void end(outcome how, owned_stream made) noexcept;

    kernel_backend& backend_;
    weir::socket socket_;  // closed when the attempt has ended
    const address peer_;
    connect_attempt::user& user_;
    descriptor clock_;  // from timerfd_create(2)
    internal::back_off pauses_;
};

}  // namespace weir::internal
