// Whatever a descriptor in an epoll(7) set belongs to. Private.
#pragma once

#include <cstdint>

namespace weir {

class epoll_item {
public:
    // EPOLLIN, EPOLLOUT..., edge-triggered: told once for each change. Closes no item in this call.
    virtual void happened(std::uint32_t events) noexcept = 0;

protected:
    ~epoll_item() = default;
};

}  // namespace weir
