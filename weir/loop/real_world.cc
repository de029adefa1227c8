// Which backend a loop gets.
#include "weir/loop/epoll_backend.h"
#include "weir/loop/loop.h"
#include "weir/loop/uring_world.h"

namespace weir {

result<std::unique_ptr<backend>> open_world(backend_kind which) {
    if (which == backend_kind::epoll) return std::unique_ptr<backend>(std::make_unique<epoll_backend>());
    auto made = open_uring_world();
    if (made || which == backend_kind::io_uring) return made;
    auto instead = std::make_unique<epoll_backend>();
    instead->stands_in("io_uring cannot be used, epoll is: " + made.error().message());
    return std::unique_ptr<backend>(std::move(instead));
}

std::unique_ptr<backend> real_world() { return std::move(*open_world(backend_kind::automatic)); }

}  // namespace weir
