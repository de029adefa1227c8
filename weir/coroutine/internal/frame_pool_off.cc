#include <new>

#include "weir/coroutine/internal/frame_pool.h"

namespace weir::internal::frame_pool {

void* take(std::size_t size) { return ::operator new(size); }
void give(void* frame, std::size_t) noexcept { ::operator delete(frame); }
std::size_t kept_bytes() noexcept { return 0; }

}  // namespace weir::internal::frame_pool
