// An io_uring backend with so small a ring that entries and buffers run out all the time.
#pragma once

#include <memory>

#include "weir/loop/backend.h"

namespace weir_test {

std::unique_ptr<weir::backend> by_tiny_ring(std::uint64_t seed);

}  // namespace weir_test
