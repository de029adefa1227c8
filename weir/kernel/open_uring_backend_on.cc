#include "weir/kernel/open_uring_backend.h"
#include "weir/kernel/uring/uring_backend.h"

namespace weir::internal {

result<std::unique_ptr<backend>> open_uring_backend() {
    auto made = uring_backend::open();
    if (!made) return made.error();
    return std::unique_ptr<backend>(std::move(*made));
}

}  // namespace weir::internal
