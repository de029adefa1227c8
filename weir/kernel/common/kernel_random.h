// Random numbers of the kernel. Private.
#pragma once

#include <cstdint>

namespace weir::internal {

// Returns a number from getrandom(2), or from /dev/urandom where a filter refuses that call. Where neither is
// available, the numbers differ between calls and between runs, but a peer could predict them. Thread safety: any
// thread.
std::uint64_t kernel_random() noexcept;

}  // namespace weir::internal
