#include "tests/conformance/tiny_ring.h"

#include "weir/kernel/uring/uring_backend.h"

std::unique_ptr<weir::backend> weir_test::by_tiny_ring(std::uint64_t) {
    weir::internal::uring_sizes tiny;
    tiny.submissions = 2;
    tiny.completions = 4;
    tiny.buffer_bytes = 1;  // one buffer of each size
    return std::move(*weir::internal::uring_backend::open(tiny));
}
