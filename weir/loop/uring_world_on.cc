#include "weir/loop/uring_backend.h"
#include "weir/loop/uring_world.h"

namespace weir {

result<std::unique_ptr<backend>> open_uring_world() {
    auto made = uring_backend::open();
    if (!made) return made.error();
    return std::unique_ptr<backend>(std::move(*made));
}

}  // namespace weir
