// The memory of a decoder. It is for a program that shares memory among many decoders, as the channels of a loop do, or
// that reads large messages directly into the decoder's memory. A program with a few decoders does not need it.
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

// Functions for the memory of a decoder. Sizes are in bytes. A function that takes the decoder by a reference that is
// not const invalidates the payload of the last event. Thread safety: as the decoder.
struct decoder_memory {
    // The default of `least` in room(): the fewest bytes that are worth a read into the decoder's memory.
    static constexpr std::size_t least_room = 16 * 1024;

    // The bytes of a partial message that the decoder holds.
    static std::size_t held(const decoder& of) noexcept { return of.held(); }
    // The bytes of the partial message that have not arrived; 0 while its size is not known.
    static std::uint64_t missing(const decoder& of) noexcept { return of.missing(); }
    // The bytes that the last returned message takes in the decoder's memory, framing included; 0 when it is in the
    // input.
    static std::size_t taken(const decoder& of) noexcept {
        return of.partial_ == nullptr ? 0 : of.partial_->handed_out;
    }
    // The bytes that the decoder has allocated for messages.
    static std::size_t allocated(const decoder& of) noexcept {
        return of.partial_ == nullptr ? 0 : of.partial_->tail.capacity() + of.partial_->plain.capacity();
    }

    // Returns the free memory after the partial message, or at a boundary the free memory for a message of `expected`
    // bytes, framing included. The caller fills it from its front and calls collected(), instead of feed(). It is valid
    // until the next call that is not const. Allocates nothing: prepare() and swap() supply memory. Empty before next()
    // returned `more`, while the last event borrows from the memory, and when fewer than `least` bytes are free or
    // still to come.
    static std::span<std::byte> room(decoder& of, std::size_t expected = 0, std::size_t least = least_room);
    // Returns the size of room(). With `spare_bytes`, returns the size of room() after swap() with an empty buffer of
    // that capacity.
    static std::size_t room_bytes(const decoder& of, std::size_t expected = 0, std::size_t spare_bytes = 0,
                                  std::size_t least = least_room) noexcept;
    // Reports that the next `count` bytes of the stream are in room().
    static void collected(decoder& of, std::size_t count);
    // Allocates memory for `count` more bytes of the partial message by growing the decoder's memory.
    static void prepare(decoder& of, std::size_t count);
    // Moves the held bytes of a partial message into the memory of `other`, and exchanges the two memories. Requires
    // that `other` is empty; it is empty afterwards.
    static void swap(decoder& of, buffer& other);
    // Frees memory. Each buffer keeps at most `keep` bytes; the buffer of a partial message may keep four times the
    // bytes that it holds.
    static void trim(decoder& of, std::size_t keep = 0);
    // Appends the bytes that were fed and not decoded to `to`, unchanged: the partial message and the unread input.
    // Requires may_switch().
    static void copy_undecoded(const decoder& of, buffer& to);
    // Returns the bytes on the wire of the last returned message, framing included. They took `size` bytes of the
    // stream. Valid as long as the payload.
    static bytes_view last_frame(const decoder& of, std::size_t size) noexcept;
    // Reuses the decoder for another stream, as if `offset` bytes of it had been consumed. Its memory stays. Requires
    // at_boundary(), that next() returned `more`, that it did not fail, and that finish() was not called.
    static void continue_at(decoder& of, std::uint64_t offset);
};

}  // namespace weir
