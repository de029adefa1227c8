// The world by epoll(7). Private: open_world() chooses it.
#pragma once

#include "weir/loop/kernel_backend.h"

namespace weir {

class epoll_backend final : public kernel_backend {
public:
    bool wait(deadline until) override;
    backend_kind kind() const noexcept override { return backend_kind::epoll; }
    int poll_fd() const noexcept override { return watched_fd(); }

    result<owned_stream> adopt(socket connected) override;

private:
    std::size_t most_told_ = readiness_set::most_told;  // fewer while each of them reads much
};

}  // namespace weir
