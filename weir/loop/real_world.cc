// Which backend a loop gets when nobody says.
#include "weir/loop/epoll_backend.h"
#include "weir/loop/loop.h"

namespace weir {

std::unique_ptr<backend> real_world() { return std::make_unique<epoll_backend>(); }

}  // namespace weir
