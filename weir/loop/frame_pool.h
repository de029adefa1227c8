// Memory for coroutine frames: a thread's own free lists by size, because a frame is made for each call of a task and
// the general allocator would be most of its cost. Nothing is kept under AddressSanitizer, so that a frame used too
// late is seen; the build selects frame_pool_on.cc or frame_pool_off.cc.
#pragma once

#include <cstddef>

namespace [[gnu::visibility("default")]] weir {
namespace frame_pool {

// Larger frames go to the general allocator, and so does what would be over `most_kept_bytes` a thread.
inline constexpr std::size_t largest_frame_bytes = 4096;
inline constexpr std::size_t most_kept_bytes = 1 << 20;

// Throws std::bad_alloc. A frame may be given back on another thread. Thread safety: any thread.
void* take(std::size_t size);
void give(void* frame, std::size_t size) noexcept;

// Bytes that this thread keeps for the next frames.
std::size_t kept_bytes() noexcept;

}  // namespace frame_pool
}  // namespace weir
