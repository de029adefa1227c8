// The backend on epoll(7). Private: open_backend() chooses it.
#pragma once

#include <memory>
#include <utility>

#include "weir/kernel/common/kernel_backend.h"

namespace weir::internal {

class epoll_backend final : public kernel_backend {
public:
    // Errors: those of readiness_set::open().
    static result<std::unique_ptr<epoll_backend>> open();

    bool wait(deadline until) override;
    backend_kind kind() const noexcept override { return backend_kind::epoll; }
    int poll_fd() const noexcept override { return watched_fd(); }

    result<owned_stream> adopt(socket connected) override;

private:
    explicit epoll_backend(readiness_set opened) : kernel_backend(std::move(opened)) {}

    std::size_t most_events_ = readiness_set::most_events;  // fewer while each of them reads much
};

}  // namespace weir::internal
