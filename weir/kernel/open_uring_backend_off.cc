#include "weir/kernel/open_uring_backend.h"

namespace weir::internal {

result<std::unique_ptr<backend>> open_uring_backend() {
    return error(errc::unsupported, "io_uring_setup", {}, "this weir was built without liburing");
}

}  // namespace weir::internal
