#include "weir/loop/uring_world.h"

namespace weir {

result<std::unique_ptr<backend>> open_uring_world() {
    return error(errc::unsupported, "io_uring_setup", {}, "this weir was built without liburing");
}

}  // namespace weir
