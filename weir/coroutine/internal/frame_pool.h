// Memory for coroutine frames: each thread has free lists by size. Each call of a task makes a frame, and the general
// allocator would be most of its cost. Under AddressSanitizer nothing is kept, so that it finds a use after free; the
// build selects frame_pool_on.cc or frame_pool_off.cc.
#pragma once

#include "weir/base/language.h"

#include <cstddef>

namespace [[gnu::visibility("default")]] weir {
namespace internal {
namespace frame_pool {

// Larger frames go to the general allocator, and so do those above `most_kept_bytes` of a thread.
inline constexpr std::size_t largest_frame_bytes = 4096;
inline constexpr std::size_t most_kept_bytes = 1 << 20;

// take() throws std::bad_alloc. A frame may be returned on another thread. Thread safety: any thread.
void* take(std::size_t size);
void give(void* frame, std::size_t size) noexcept;

// Bytes that this thread keeps for the next frames.
std::size_t kept_bytes() noexcept;

}  // namespace frame_pool
}  // namespace internal
}  // namespace weir
