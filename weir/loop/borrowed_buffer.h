// The result of one read, in memory that the reader borrows from its owner, such as a pool. The reader returns the
// memory when it no longer needs it, so an idle connection owns no buffer.
#pragma once

#include <cstddef>
#include <utility>

#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {

// The owner of memory that is borrowed, such as a pool. Received bytes may outlive the stream that received them, so a
// stream cannot be a buffer_owner. A stream that makes bytes itself, as TLS does, borrows from the loop_memory of its
// loop.
class buffer_owner {
public:
    // Called once for each loan, when the borrower returns the memory.
    virtual void take_back(std::byte* memory, std::size_t capacity) noexcept = 0;

protected:
    ~buffer_owner() = default;
};

// Memory that a reader has borrowed, with the bytes of one read. It can be moved but not copied; its destructor returns
// the memory. It must not outlive its buffer_owner, which belongs to the backend of a loop. Thread safety: its loop's
// thread alone.
class borrowed_buffer {
public:
    borrowed_buffer() noexcept = default;
    // Makes a buffer from memory of this capacity that `owner` has lent. Its first `size` bytes are the content.
    borrowed_buffer(std::byte* memory, std::size_t capacity, std::size_t size, buffer_owner& owner) noexcept
        : memory_(memory), capacity_(capacity), size_(size), owner_(&owner) {}
    // Takes over the memory of `other`, which is then empty.
    borrowed_buffer(borrowed_buffer&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), capacity_(other.capacity_),
          size_(std::exchange(other.size_, 0)), owner_(other.owner_) {}
    borrowed_buffer& operator=(borrowed_buffer&& other) noexcept {
        borrowed_buffer taken(std::move(other));
        std::swap(memory_, taken.memory_);
        std::swap(capacity_, taken.capacity_);
        std::swap(size_, taken.size_);
        std::swap(owner_, taken.owner_);
        return *this;
    }
    ~borrowed_buffer() { give_back(); }

    // Returns the memory to its owner. The buffer is then empty.
    void give_back() noexcept {
        if (memory_ != nullptr) owner_->take_back(std::exchange(memory_, nullptr), capacity_);
        size_ = 0;
    }

    // Returns the content, which is valid until the memory is returned.
    bytes_view view() const noexcept { return {memory_, size_}; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    // Returns the size of the memory, in bytes.
    std::size_t capacity() const noexcept { return memory_ == nullptr ? 0 : capacity_; }

    // For the code that fills the buffer.
    std::byte* data() noexcept { return memory_; }
    void resize(std::size_t size) noexcept { size_ = size; }

private:
    std::byte* memory_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    buffer_owner* owner_ = nullptr;
};

}  // namespace weir
