// A backend on a ring so small that everything runs out all the time: questions, answers, buffers.
#pragma once

#include <memory>

#include "weir/loop/backend.h"

namespace weir_test {

std::unique_ptr<weir::backend> by_tiny_ring(std::uint64_t seed);

}  // namespace weir_test
