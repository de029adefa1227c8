// The memory of a decoder: for a program that shares memory among many decoders, as the channels of a loop do, or that
// reads large messages directly to the place where the decoder collects them. A program with a few decoders does not
// need it.
//
//     if (const auto room = decoder_memory::room(decode); !room.empty()) {
//         const std::size_t count = read(room);         // at most room.size() bytes
//         decoder_memory::collected(decode, count);     // instead of decode.feed()
//     }
#pragma once

#include <cstdint>
#include <span>

#include "weir/base/buffer.h"
#include "weir/framing/decoder.h"

namespace [[gnu::visibility("default")]] weir {

// Sizes are in bytes. A function that takes the decoder by a reference that is not const invalidates the payload of the
// last event. Thread safety: as the decoder.
struct decoder_memory {
    static constexpr std::size_t least_room = 16 * 1024;

    // What the decoder holds of a partial message.
    static std::size_t held(const decoder& of) noexcept { return of.held(); }
    // What is still to come of the partial message, as far as that is known; 0 when only a mark ends it.
    static std::uint64_t missing(const decoder& of) noexcept { return of.missing(); }
    // What the message that was returned last takes in the decoder's memory, framing included; 0 when it lies in the
    // input.
    static std::size_t taken(const decoder& of) noexcept {
        return of.partial_ == nullptr ? 0 : of.partial_->handed_out;
    }
    // What the decoder has allocated for messages.
    static std::size_t allocated(const decoder& of) noexcept {
        return of.partial_ == nullptr ? 0 : of.partial_->tail.capacity() + of.partial_->plain.capacity();
    }

    // Returns the free memory behind the partial message, or at a boundary the free memory for a message of `expected`
    // bytes, framing included. The caller fills it from its front and calls collected(), instead of feed(). It is valid
    // until the next call that is not const. Allocates nothing: prepare() and swap() supply memory. Empty before next()
    // returned `more`, while the last event borrows from the memory, and where fewer than `least` bytes are free or
    // missing.
    static std::span<std::byte> room(decoder& of, std::size_t expected = 0, std::size_t least = least_room);
    // The size of room(), in bytes. With `spare_bytes` that of room() after swap() with an empty buffer of that
    // capacity.
    static std::size_t room_bytes(const decoder& of, std::size_t expected = 0, std::size_t spare_bytes = 0,
                                  std::size_t least = least_room) noexcept;
    // The next `count` bytes of the stream are in room().
    static void collected(decoder& of, std::size_t count);
    // Allocates memory for `count` more bytes of the partial message, by growing what the decoder has.
    static void prepare(decoder& of, std::size_t count);
    // Moves what is held of a partial message into the memory of `other`, an empty buffer, and exchanges the two
    // memories.
    static void swap(decoder& of, buffer& other);
    // Frees memory. At most `keep` bytes of each buffer stay, or four times what a partial message takes.
    static void trim(decoder& of, std::size_t keep = 0);
    // Reuses the decoder for another stream, as if `offset` bytes of it had been consumed. Its memory stays. Requires
    // at_boundary(), that next() returned `more`, and neither a failure nor finish().
    static void continue_at(decoder& of, std::uint64_t offset);
};

}  // namespace weir
