// The result of one read, in memory that the reader borrows from its owner, such as a pool. The reader returns it when
// it no longer needs it. So an idle connection owns no buffer.
#pragma once

#include <cstddef>
#include <utility>

#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {

// The owner of lent memory, such as a pool. Bytes outlive the stream that returned them, so a stream cannot be a
// lender. A stream that makes bytes itself, as TLS does, lends from the loop_memory of its loop.
class lender {
public:
    virtual void take_back(std::byte* memory, std::size_t capacity) noexcept = 0;

protected:
    ~lender() = default;
};

// Moved, never copied; its destructor returns the memory. It must not outlive its lender, which a loop's backend owns.
// Thread safety: its loop's thread alone.
class borrowed_buffer {
public:
    borrowed_buffer() noexcept = default;
    borrowed_buffer(std::byte* memory, std::size_t capacity, std::size_t size, lender& owner) noexcept
        : memory_(memory), capacity_(capacity), size_(size), owner_(&owner) {}
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

    void give_back() noexcept {
        if (memory_ != nullptr) owner_->take_back(std::exchange(memory_, nullptr), capacity_);
        size_ = 0;
    }

    bytes_view view() const noexcept { return {memory_, size_}; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    // The size of its memory, in bytes.
    std::size_t capacity() const noexcept { return memory_ == nullptr ? 0 : capacity_; }

    // For the code that fills it.
    std::byte* data() noexcept { return memory_; }
    void resize(std::size_t size) noexcept { size_ = size; }

private:
    std::byte* memory_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    lender* owner_ = nullptr;
};

}  // namespace weir
