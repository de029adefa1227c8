// Random numbers of the kernel. Private.
#pragma once

#include <cstdint>

namespace weir::internal {

// From getrandom(2), or /dev/urandom where a filter refuses that. Where neither can be had, numbers that differ between
// calls and between runs but that a peer could foresee. Thread safety: any thread.
std::uint64_t kernel_random() noexcept;

}  // namespace weir::internal
