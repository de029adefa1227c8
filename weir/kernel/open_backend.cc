#include "weir/kernel/open_backend.h"

#include <new>

#include "weir/kernel/epoll/epoll_backend.h"
#include "weir/kernel/open_uring_backend.h"
#include "weir/kernel/socketless_backend.h"

namespace weir {

namespace {

result<std::unique_ptr<backend>> open_epoll_backend() {
    auto made = internal::epoll_backend::open();
    if (!made) return made.error();
    return std::unique_ptr<backend>(std::move(*made));
}

result<std::unique_ptr<backend>> open_either(backend_kind which) {
    if (which == backend_kind::epoll) return open_epoll_backend();
    auto made = internal::open_uring_backend();
    if (made || which == backend_kind::io_uring) return made;
    auto instead = open_epoll_backend();
    if (instead) (*instead)->set_remark("io_uring cannot be used, so weir uses epoll: " + made.error().message());
    return instead;
}

}  // namespace

result<std::unique_ptr<backend>> open_backend(backend_kind which) {
    try {
        return open_either(which);
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, "open a loop");
    }
}

std::unique_ptr<backend> system_backend() {
    auto made = open_backend(backend_kind::automatic);
    if (made) return std::move(*made);
    auto instead = std::make_unique<internal::socketless_backend>(made.error());
    instead->set_remark("sockets cannot be used: " + made.error().message());
    return instead;
}

}  // namespace weir
