// The output of a connection: a queue of bytes with blocks of shared memory between them. Bytes are copied into the
// queue. A block is only referred to, so that a large payload for many connections is in memory once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {

// A queue of output. Bytes that are appended to bytes() are at the end of the whole queue. Sizes are in bytes. Thread
// safety: one thread at a time.
class send_queue {
public:
    send_queue() noexcept = default;
    // Takes over these bytes, or the content of another queue, which is empty afterwards.
    send_queue(buffer&& bytes) noexcept : bytes_(std::move(bytes)) {}
    send_queue(send_queue&& other) noexcept { swap(other); }
    send_queue& operator=(send_queue&& other) noexcept {
        send_queue taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~send_queue() = default;

    // The bytes that were copied into the queue, without the blocks.
    buffer& bytes() noexcept { return bytes_; }
    const buffer& bytes() const noexcept { return bytes_; }
    // Returns whether the queue contains blocks of shared memory.
    bool has_blocks() const noexcept { return shared_bytes_ != 0; }

    // Returns the number of all bytes, including those of blocks.
    std::size_t size() const noexcept { return bytes_.size() + shared_bytes_; }
    bool empty() const noexcept { return size() == 0; }
    // Returns the memory that the queue holds, in bytes. This includes its blocks, which other queues may hold, too.
    std::size_t memory() const noexcept {
        return bytes_.capacity() + shared_bytes_ + others_.capacity() * sizeof(block);
    }

    // Appends a block, which is not copied. The block must not change while `owner` exists. Throws std::bad_alloc.
    void append(bytes_view block, std::shared_ptr<const void> owner);
    // Drops `count` bytes at the front.
    void consume(std::size_t count);
    // Drops everything, and keeps the queue's own memory for later.
    void clear() noexcept;
    // Drops everything, and frees the memory.
    void release() noexcept;
    // Copies the blocks, so that everything is in bytes(). If it throws std::bad_alloc, nothing has changed.
    void join();

    // Stores views of the first parts of the queue in `into`, in their order, and returns their number.
    std::size_t parts(std::span<bytes_view> into) const noexcept;

    // Exchanges content and memory.
    void swap(send_queue& other) noexcept;

private:
    struct block {
        std::shared_ptr<const void> owner;
        bytes_view rest;         // never empty
        std::size_t before = 0;  // the bytes of bytes_ between the previous block and this one
    };

    template <class Visit>
    void each_block(Visit visit) const;
    void pop_block() noexcept;

    buffer bytes_;
    block first_;  // most queues have only this one, and so need no allocation
    std::vector<block> others_;
    std::size_t next_ = 0;           // the index in others_ of the block after the first
    std::size_t before_blocks_ = 0;  // the sum of `before`
    std::size_t shared_bytes_ = 0;   // the sum of `rest`
};

}  // namespace weir
