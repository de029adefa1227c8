#include "weir/loop/epoll_acceptor.h"

#include <cerrno>
#include <new>

#include "weir/loop/epoll_backend.h"

namespace weir {

std::optional<newcomer> epoll_acceptor::accept() try {
    if (ready_) {
        auto accepted = socket_.accept(accept_flags::non_blocking);
        if (accepted) {
            auto made = world_.adopt(std::move(accepted->connection));
            if (!made) return newcomer{{made.error().code(), made.error().system_code()}, {}, {}};
            return newcomer{{}, std::move(*made), std::move(accepted->peer)};
        }
        // Out of descriptors: whoever waits is still there.
        if (!(accepted == errc::would_block))
            return newcomer{{accepted.error().code(), accepted.error().system_code()}, {}, {}};
        ready_ = false;
    }
    asked_ = true;
    return {};
} catch (const std::bad_alloc&) {
    return newcomer{{errc::no_memory, ENOMEM}, {}, {}};
}

void epoll_acceptor::close() noexcept {
    world_.readiness().forget(socket_.fd());
    delete this;
}

void epoll_acceptor::happened(std::uint32_t) noexcept {
    ready_ = true;
    if (!asked_) return;
    asked_ = false;
    if (auto one = accept()) told().accepted(std::move(*one));
}

}  // namespace weir
