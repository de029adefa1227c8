// Memory for coroutine frames: each thread has free lists by size. Each call of a task makes a frame, and the general
// allocator would be most of the cost of the call. Under AddressSanitizer no memory is kept, so that a use after free
// is found. The build selects frame_pool_on.cc or frame_pool_off.cc.
#pragma once

#include "weir/base/language.h"

#include <cstddef>

namespace [[gnu::visibility("default")]] weir {
namespace internal {
namespace frame_pool {

// Larger frames come from the general allocator. A thread keeps at most `most_kept_bytes` of free frames; it returns
// further ones to the general allocator.
inline constexpr std::size_t largest_frame_bytes = 4096;
inline constexpr std::size_t most_kept_bytes = 1 << 20;

// take() returns memory for a frame, and give() returns it to the lists of the calling thread, which may be another
// one. take() throws std::bad_alloc. Thread safety: any thread.
void* take(std::size_t size);
void give(void* frame, std::size_t size) noexcept;

// Returns the bytes that this thread keeps for the next frames.
std::size_t kept_bytes() noexcept;

}  // namespace frame_pool
}  // namespace internal
}  // namespace weir
