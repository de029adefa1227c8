// The backend on io_uring(7), in a build that has it. Private.
#pragma once

#include <memory>

#include "weir/loop/backend.h"

namespace weir::internal {

// errc::unsupported or errc::not_permitted where io_uring cannot be used.
result<std::unique_ptr<backend>> open_uring_backend();

}  // namespace weir::internal
