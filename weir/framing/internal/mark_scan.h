// Finds all occurrences of one byte in an input, one after the other. For short distances it compares 64 bytes at once
// and stores where the byte occurs; for long distances it calls memchr(3). No byte is examined more than once. Not for
// users.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Returns one bit for each of the 64 bytes at `block`; the lowest bit is that of the first byte. A bit is 1 when its
// byte equals `mark`. The build selects mark_scan_sse2.cc or mark_scan_portable.cc.
std::uint64_t mark_bits(const std::byte* block, std::byte mark) noexcept;

// Returns the bits of the first whole block between `from` and `end` in which `mark` occurs, or 0 when there is none.
// Moves `from` past the blocks that were examined.
std::uint64_t next_mark_bits(const std::byte*& from, const std::byte* end, std::byte mark) noexcept;

// Invariant: every occurrence between the last one returned and next_ has its bit in bits_, counted from block_. While
// far_ is set, bits_ is 0 and the search continues after the last occurrence. Thread safety: one thread at a time.
class mark_scan {
public:
    explicit mark_scan(std::byte mark) noexcept : mark_(mark) {}

    // Starts again at `from`.
    void start(const std::byte* from) noexcept {
        start_ = next_ = from;
        bits_ = 0;
    }

    // Returns the next occurrence before `end`, or null when there is none. `end` must be the same in each call after
    // start(). `from` is after the last occurrence returned, or where the scan started.
    const std::byte* find(const std::byte* from, const std::byte* end) noexcept {
        if (bits_ != 0) [[likely]] {
            const std::byte* const found = block_ + std::countr_zero(bits_);
            bits_ &= bits_ - 1;
            return found;
        }
        return far_ ? find_far(from, end) : find_near(end);
    }

    // Continues at `from`, which is after the last occurrence returned. Keeps the occurrences that were found after
    // it.
    void resume(const std::byte* from) noexcept {
        if (next_ < from) {
            start(from);
        } else if (bits_ != 0 && from > block_) {
            const auto behind = static_cast<std::uint64_t>(from - block_);
            bits_ = behind < 64 ? bits_ >> behind << behind : 0;
        }
    }

    // Returns how many bytes were examined since start() or take_looked(). Requires that every occurrence before `used`
    // was returned.
    std::uint64_t looked(const std::byte* used) const noexcept {
        return static_cast<std::uint64_t>((next_ < used ? used : next_) - start_);
    }
    std::uint64_t take_looked(const std::byte* used) noexcept {
        const std::uint64_t taken = looked(used);
        if (next_ < used) next_ = used;
        start_ = next_;
        return taken;
    }

private:
    static constexpr std::ptrdiff_t block_bytes = 64;
    static constexpr std::ptrdiff_t near_bytes = 8 * block_bytes;  // up to this distance, blocks are faster than memchr

    const std::byte* find_near(const std::byte* end) noexcept;

    const std::byte* find_far(const std::byte* from, const std::byte* end) noexcept {
        if (from == end) return nullptr;
        const auto* const found = static_cast<const std::byte*>(
            std::memchr(from, std::to_integer<int>(mark_), static_cast<std::size_t>(end - from)));
        if (found == nullptr) [[unlikely]] {
            next_ = end;
            return nullptr;
        }
        if (found - from < near_bytes) [[unlikely]] {
            far_ = false;
            next_ = found + 1;
        }
        return found;
    }

    const std::byte* start_ = nullptr;
    const std::byte* block_ = nullptr;
    const std::byte* next_ = nullptr;
    std::uint64_t bits_ = 0;
    std::byte mark_;
    bool far_ = false;  // the last occurrence was far away: memchr is called first
};

}  // namespace internal
}  // namespace weir
