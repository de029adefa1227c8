// Opens the backend on io_uring(7), in a build with liburing. Private.
#pragma once

#include <memory>

#include "weir/loop/backend.h"

namespace weir::internal {

// Errors: those of uring_backend::open(). A build without liburing always returns errc::unsupported.
result<std::unique_ptr<backend>> open_uring_backend();

}  // namespace weir::internal
