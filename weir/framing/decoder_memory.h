// Functions for the memory of a decoder. A program uses them to share memory among many decoders, as the channels of a
// loop do, or to read large messages directly into the decoder's memory. A program with a few decoders does not need
// them.
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

// Functions for the memory of a decoder. Sizes are in bytes. A function that takes the decoder by non-const reference
// invalidates the payload of the last event. Thread safety: the same as for the decoder.
struct decoder_memory {
    // The default of `least` in room(): the fewest bytes that are worth a read into the decoder's memory.
    static constexpr std::size_t least_room = 16 * 1024;

    // The number of bytes of a partial message that the decoder holds.
    static std::size_t held(const decoder& of) noexcept { return of.held(); }
    // The number of bytes of the partial message that have not arrived; 0 while its size is not known.
    static std::uint64_t missing(const decoder& of) noexcept { return of.missing(); }
    // The number of bytes that the last returned message takes in the decoder's memory, framing included; 0 when the
    // message is in the input.
    static std::size_t taken(const decoder& of) noexcept {
        return of.partial_ == nullptr ? 0 : of.partial_->handed_out;
    }
    // The number of bytes that the decoder has allocated for messages.
    static std::size_t allocated(const decoder& of) noexcept {
        return of.partial_ == nullptr ? 0 : of.partial_->tail.capacity() + of.partial_->plain.capacity();
    }

    // Returns the free memory after the partial message. At a message boundary, returns free memory for a message of
    // `expected` bytes, framing included. The caller fills this memory from its beginning, and then calls collected()
    // instead of feed(). The memory is valid until the next non-const call. Allocates nothing: prepare() and swap()
    // supply memory. Returns an empty span before next() has returned `more`, and while the last event borrows from the
    // memory. Also returns an empty span when fewer than `least` bytes are free or still missing.
    static std::span<std::byte> room(decoder& of, std::size_t expected = 0, std::size_t least = least_room);
    // Returns the size of room(). With `spare_bytes`, returns the size of room() after swap() with an empty buffer of
    // that capacity.
    static std::size_t room_bytes(const decoder& of, std::size_t expected = 0, std::size_t spare_bytes = 0,
                                  std::size_t least = least_room) noexcept;
    // Reports that the next `count` bytes of the stream are in room().
    static void collected(decoder& of, std::size_t count);
    // Grows the decoder's memory so that `count` more bytes of the partial message fit.
    static void prepare(decoder& of, std::size_t count);
    // Copies the held bytes of a partial message into `other`, and exchanges the memory of the decoder with that of
    // `other`. Requires that `other` is empty, and leaves it empty.
    static void swap(decoder& of, buffer& other);
    // Frees memory. Each buffer keeps at most `keep` bytes, but the buffer of a partial message may keep up to four
    // times the bytes that it holds.
    static void trim(decoder& of, std::size_t keep = 0);
    // Appends to `to` the bytes that were fed but not decoded, unchanged: the partial message and the unread input.
    // Requires may_switch().
    static void copy_undecoded(const decoder& of, buffer& to);
    // Returns the frame of the last returned message as it was on the wire. `size` is the size of this frame in the
    // stream. The view is valid as long as the payload.
    static bytes_view last_frame(const decoder& of, std::size_t size) noexcept;
    // Reuses the decoder for another stream, as if `offset` bytes of it had been consumed. The decoder keeps its
    // memory. Requires at_boundary(), that next() returned `more`, that the decoder did not fail, and that finish() was
    // not called.
    static void continue_at(decoder& of, std::uint64_t offset);
};

}  // namespace weir
