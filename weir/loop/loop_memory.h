// The memory of a loop: the blocks that its connections read into, and the buffers that are kept for later. It also
// limits what all connections may hold together. The loop's backend owns this object, so that it outlives all streams.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/base/bytes.h"
#include "weir/loop/borrowed_buffer.h"
#include "weir/loop/internal/block_pool.h"
#include "weir/loop/internal/byte_budget.h"
#include "weir/loop/internal/spare_buffers.h"

namespace [[gnu::visibility("default")]] weir {

// The memory of one loop. All borrowed memory must be returned before the backend is destroyed; otherwise a WEIR_CHECK
// fails. Thread safety: its loop's thread alone.
class loop_memory {
public:
    loop_memory() = default;
    loop_memory(const loop_memory&) = delete;
    loop_memory& operator=(const loop_memory&) = delete;

    // Lends memory of at least this size, with undefined content. This is the smallest block that is large enough, or a
    // separate allocation if no block is large enough. The memory returns to the loop when the borrowed_buffer is
    // destroyed. This function is for a stream that makes bytes, as a transform (TLS) does.
    borrowed_buffer lend(std::size_t at_least_bytes) { return blocks_.lend_at_least(at_least_bytes); }
    // Lends memory that holds a copy of `bytes`.
    borrowed_buffer lend_a_copy(bytes_view bytes);

    // Sets how many bytes all connections of the loop may hold for messages; std::nullopt means no limit. The default
    // is 256 MiB, or a quarter of the memory of this process if that is less. A connection that would exceed the limit
    // waits; see limits::held_bytes_of_a_loop.
    void limit(std::optional<std::size_t> most_bytes) noexcept { budget_.limit(most_bytes); }
    // Returns how many bytes all connections of the loop hold for messages now.
    std::size_t held_bytes() const noexcept { return budget_.held_bytes(); }
    // Frees the large buffers that are kept for later.
    void drop_spares() noexcept { spares_.drop(); }

    // For the library.
    internal::byte_budget& budget() noexcept { return budget_; }
    const internal::byte_budget& budget() const noexcept { return budget_; }
    internal::block_pool& blocks() noexcept { return blocks_; }
    // Buffers that connections have emptied. The connections use them again to send and to collect partial messages.
    internal::spare_buffers& spares() noexcept { return spares_; }

private:
    internal::byte_budget budget_;
    internal::spare_buffers spares_{budget_};
    internal::block_pool blocks_;
};

}  // namespace weir
