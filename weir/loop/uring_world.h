// io_uring(7) as a world, in a build that has it. Private.
#pragma once

#include <memory>

#include "weir/loop/backend.h"

namespace weir {

// errc::unsupported or errc::not_permitted where it cannot be had.
result<std::unique_ptr<backend>> open_uring_world();

}  // namespace weir
