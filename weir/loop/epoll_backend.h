// The world by epoll(7). Private: real_world() chooses it.
#pragma once

#include <atomic>

#include "weir/loop/backend.h"
#include "weir/loop/helper_threads.h"
#include "weir/socket/descriptor.h"

namespace weir {

class epoll_backend final : public backend {
public:
    epoll_backend();

    time_point now() override;
    void wait(deadline until) override;
    void wake() noexcept override;
    void offload(std::function<void()> work) override { helpers_.run(std::move(work)); }

private:
    descriptor epoll_;
    descriptor wakeup_;  // an eventfd(2)
    std::atomic<bool> awake_ = false;
    helper_threads helpers_;
};

}  // namespace weir
