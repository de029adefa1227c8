// Bytes that the world lends: what one read gave, in memory that goes back to where it came from when the last view of
// it is done with. So an idle connection owns no buffer.
#pragma once

#include <cstddef>
#include <utility>

#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {

// Whose memory it is: a pool, or the kernel's ring of buffers. Bytes outlive the stream that gave them, so a stream is
// no lender: one that makes bytes of its own, as TLS does, gives lend_a_copy().
class lender {
public:
    virtual void take_back(std::byte* memory, std::size_t capacity) noexcept = 0;

protected:
    ~lender() = default;
};

// Moved, never copied; given back when destroyed. It must not outlive its lender, a loop's backend.
// Thread safety: its loop's thread alone.
class lent_bytes {
public:
    lent_bytes() noexcept = default;
    lent_bytes(std::byte* memory, std::size_t capacity, std::size_t size, lender& owner) noexcept
        : memory_(memory), capacity_(capacity), size_(size), owner_(&owner) {}
    lent_bytes(lent_bytes&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), capacity_(other.capacity_),
          size_(std::exchange(other.size_, 0)), owner_(other.owner_) {}
    lent_bytes& operator=(lent_bytes&& other) noexcept {
        lent_bytes taken(std::move(other));
        std::swap(memory_, taken.memory_);
        std::swap(capacity_, taken.capacity_);
        std::swap(size_, taken.size_);
        std::swap(owner_, taken.owner_);
        return *this;
    }
    ~lent_bytes() { give_back(); }

    void give_back() noexcept {
        if (memory_ != nullptr) owner_->take_back(std::exchange(memory_, nullptr), capacity_);
        size_ = 0;
    }

    bytes_view view() const noexcept { return {memory_, size_}; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    // The memory that it holds, in bytes.
    std::size_t capacity() const noexcept { return memory_ == nullptr ? 0 : capacity_; }

    // For whoever fills it.
    std::byte* data() noexcept { return memory_; }
    void resize(std::size_t size) noexcept { size_ = size; }

private:
    std::byte* memory_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    lender* owner_ = nullptr;
};

// The same bytes in memory of their own.
lent_bytes lend_a_copy(bytes_view bytes);

}  // namespace weir
