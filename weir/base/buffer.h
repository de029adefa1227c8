// A growing queue of bytes in contiguous memory: bytes are appended at the back and consumed at the front. New memory
// is not zeroed. Channels keep partial messages and queued output in buffers. A large buffer grows by realloc(3), which
// moves pages instead of copying them. So growing needs no memory for a second copy of the content.
#pragma once

#include <cstddef>
#include <source_location>
#include <span>
#include <utility>

#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {

// A growing queue of bytes in contiguous memory. Invariant: begin_ <= end_ <= capacity_. After release() it owns no
// memory. Thread safety: one thread at a time.
class buffer {
public:
    buffer() noexcept = default;
    // A copy has the same content. A move takes over the memory, and the moved-from buffer is empty.
    buffer(const buffer& other) { append(other.view()); }
    buffer(buffer&& other) noexcept { swap(other); }
    ~buffer() {
        if (storage_ != nullptr) free_storage();
    }
    buffer& operator=(const buffer& other) {
        buffer copy(other);
        swap(copy);
        return *this;
    }
    buffer& operator=(buffer&& other) noexcept {
        buffer taken(std::move(other));
        swap(taken);
        return *this;
    }

    // size() returns the number of bytes in the buffer. capacity() returns the size of its memory, in bytes.
    std::size_t size() const noexcept { return end_ - begin_; }
    bool empty() const noexcept { return begin_ == end_; }
    std::size_t capacity() const noexcept { return capacity_; }
    // Returns the number of bytes that fit at the back before the buffer grows. prepare(0) returns memory of this size.
    std::size_t room() const noexcept { return capacity_ - end_; }
    // Returns the content, which is valid until the next call of a function that is not const.
    std::byte* data() noexcept { return storage_ + begin_; }
    const std::byte* data() const noexcept { return storage_ + begin_; }
    bytes_view view() const noexcept { return {data(), size()}; }

    // Returns memory for at least `count` more bytes at the back. Write into the memory, then call commit(). The memory
    // is valid until the next call of a function that is not const. The buffer grows by doubling, so each byte is
    // copied a constant number of times on average.
    std::span<std::byte> prepare(std::size_t count) {
        if (capacity_ - end_ < count) make_room(count);
        return {storage_ + end_, capacity_ - end_};
    }
    // Adds the first `count` bytes of the memory that prepare() returned to the content. A count above the size of that
    // memory fails a WEIR_CHECK.
    void commit(std::size_t count, std::source_location where = std::source_location::current()) {
        WEIR_CHECK(count <= capacity_ - end_, "commit() of more than was prepared", where);
        end_ += count;
    }

    // Copies `more` to the back. `more` must not be a part of this buffer. If the call throws std::bad_alloc, the
    // buffer is unchanged.
    void append(bytes_view more) {
        if (more.empty()) return;
        std::memcpy(prepare(more.size()).data(), more.data(), more.size());
        end_ += more.size();
    }

    // Inserts `front` before all other bytes. Uses the space that consumed bytes left at the front if it is large
    // enough; otherwise moves the content. `front` must not be a part of this buffer.
    void prepend(bytes_view front);

    // consume() drops `count` bytes at the front; truncate() drops all bytes except the first `count`. A count above
    // size() fails a WEIR_CHECK.
    void consume(std::size_t count, std::source_location where = std::source_location::current()) {
        WEIR_CHECK(count <= size(), "consume() of more than there is", where);
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    void truncate(std::size_t count, std::source_location where = std::source_location::current()) {
        WEIR_CHECK(count <= size(), "truncate() to more than there is", where);
        end_ = begin_ + count;
    }

    // Empties the buffer, and keeps its memory.
    void clear() noexcept { begin_ = end_ = 0; }
    // Empties the buffer, and frees its memory.
    void release() noexcept {
        if (storage_ != nullptr) free_storage();
        storage_ = nullptr;
        begin_ = end_ = capacity_ = 0;
    }

    // Exchanges content and memory.
    void swap(buffer& other) noexcept {
        std::swap(storage_, other.storage_);
        std::swap(begin_, other.begin_);
        std::swap(end_, other.end_);
        std::swap(capacity_, other.capacity_);
    }

private:
    // Memory above this size, in bytes, comes from malloc(3), so that realloc(3) can move its pages. Smaller memory
    // comes from new.
    static constexpr std::size_t most_from_new = 512 * 1024;

    void make_room(std::size_t count);
    void enlarge(std::size_t wanted);
    void free_storage() noexcept;

    std::byte* storage_ = nullptr;  // capacity_ bytes, owned
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace weir
