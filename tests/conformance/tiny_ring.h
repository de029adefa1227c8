// An io_uring backend whose ring is so small that it runs out of entries and buffers all the time.
#pragma once

#include <memory>

#include "weir/loop/backend.h"

namespace weir_test {

std::unique_ptr<weir::backend> by_tiny_ring(std::uint64_t seed);

}  // namespace weir_test
