// The fast path of a format, as data: what the decoder and the encoder need to handle usual frames without a call into
// the format. The constructor of a format fills it in. A new format does not need a fast path; each of its frames then
// costs one call of format::measure(). Not for users.
//
//     length   |<- prefix ->|<- number ->| after |<- body -->|    the number announces the size of the body
//     mark     |<- text ---------->| before | mark |      the first mark ends the text; `before` belongs to the mark
//     fixed    |<- body ---------->|                      all bodies have the same size, framing::limit()
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// A number of 1 to 8 bytes at a fixed place announces the size of the body. Sizes and offsets are in bytes.
// Thread safety: immutable.
struct length_field {
    // The byte order of the number. network32 is big-endian with 4 bytes: it is read without a shift.
    enum class layout : std::uint8_t { little, big, network32 };

    // Returns the size of the body of the frame at `begin`. Requires head_bytes() readable bytes, a short magic
    // (has_short_magic()), and no uncounted bytes. Returns a size larger than any memory when the frame is malformed,
    // so that one comparison with the input rejects the frame.
    std::uint64_t body_at(const std::byte* begin) const noexcept {
        std::uint64_t first;
        std::uint64_t word;
        std::memcpy(&first, begin, sizeof first);
        std::memcpy(&word, begin + offset, sizeof word);
        if ((first & magic_mask) != magic_word) [[unlikely]]
            return UINT64_MAX;
        return number_in(word) - counted;
    }

    // Writes the header of a body of this size. Writes head_bytes(), of which the last ones may lie after the header.
    void write(std::byte* place, std::uint64_t body_size) const noexcept {
        if (offset != 0) std::memcpy(place, prefix.data(), offset);
        const std::uint64_t word = word_of(body_size + counted - uncounted);
        std::memcpy(place + offset, &word, sizeof word);
        const std::size_t written = offset + sizeof word;
        if (header > written) std::memset(place + written, 0, header - written);
    }

    // The word whose first bytes in memory are the field with this number; its other bytes are zero.
    std::uint64_t word_of(std::uint64_t number) const noexcept {
        if (order != layout::little) number <<= shift;
        return is_swapped() ? __builtin_bswap64(number) : number;
    }

    // Returns the number in a word whose first bytes in memory are the field.
    std::uint64_t number_in(std::uint64_t word) const noexcept {
        if (!machine_is_big && order == layout::network32) return __builtin_bswap32(static_cast<std::uint32_t>(word));
        if (is_swapped()) word = __builtin_bswap64(word);
        return order == layout::little ? word & mask : word >> shift;
    }

    // How many bytes body_at() reads and write() writes; at least the header.
    std::size_t head_bytes() const noexcept { return head; }
    // True when body_at() checks the whole magic: it has at most 8 bytes.
    bool has_short_magic() const noexcept { return magic_bytes <= sizeof magic_word; }

    std::size_t offset = 0;        // of the number in the frame
    std::size_t header = 0;        // bytes before the body
    std::size_t head = 0;          // the larger one of the header, and the prefix with a word
    std::uint64_t counted = 0;     // bytes that the number counts besides the body
    std::uint64_t uncounted = 0;   // bytes of the body that the number does not count
    std::uint64_t magic_mask = 0;  // selects the magic in the first word of the frame
    std::uint64_t magic_word = 0;  // the value that the selected bytes must have
    std::uint64_t mask = 0;        // selects a little-endian number in its word
    unsigned shift = 0;            // bits of the word after a big-endian number
    layout order = layout::big;
    std::size_t magic_bytes = 0;  // size of the magic, which is at the front of the prefix
    bytes prefix;                 // the `offset` bytes that the encoder writes before the number

private:
    static constexpr bool machine_is_big = std::endian::native == std::endian::big;

    bool is_swapped() const noexcept { return machine_is_big == (order == layout::little); }
};

// One byte, the mark, ends a text and cannot occur in it. Another byte, `before`, may precede the mark and then belongs
// to it. A text therefore cannot end with `before`, because the decoder would remove that byte. Thread safety:
// immutable.
class end_mark {
public:
    enum class rule : std::uint8_t { before_is_optional, before_is_required };

    static constexpr std::size_t no_text = SIZE_MAX;

    end_mark() noexcept = default;
    // The encoder writes `before` only when it is required.
    end_mark(std::byte mark, std::byte before, rule demands) noexcept;

    std::byte mark() const noexcept { return mark_; }

    // Returns the size of the text that begins at `begin` and whose mark is `size` bytes after `begin`. Returns no_text
    // when the text ends with `before`, or when a required `before` is missing.
    std::size_t text_bytes(const std::byte* begin, std::size_t size) const noexcept {
        if (size != 0 && begin[size - 1] == before_) {
            --size;
            return size != 0 && begin[size - 1] == before_ ? no_text : size;
        }
        return size | bare_text_;
    }

    // find() returns the first mark in a text, or null. is_wrong_end() returns true when a text ends with `before`. A
    // text is valid when find() returns null and is_wrong_end() returns false.
    const std::byte* find(bytes_view text) const noexcept {
        return static_cast<const std::byte*>(std::memchr(text.data(), std::to_integer<int>(mark_), text.size()));
    }
    // Requires that the text is not empty.
    bool is_wrong_end(bytes_view text) const noexcept { return text.end()[-1] == before_; }

    // Copies a text to `to`. Requires that the text is not empty. Returns false when the text is not valid; a part of
    // the text may then have been written.
    bool copy(bytes_view text, std::byte* to) const noexcept {
        if (text.size() <= short_bytes) [[likely]] {
            if (find(text) != nullptr) return false;
            std::memcpy(to, text.data(), text.size());
            return !is_wrong_end(text);
        }
        // Each part is searched and then copied, so that it is in the cache for the copy.
        for (std::size_t done = 0; done < text.size(); done += part_bytes) {
            const bytes_view part(text.data() + done, std::min(part_bytes, text.size() - done));
            if (find(part) != nullptr) return false;
            std::memcpy(to + done, part.data(), part.size());
        }
        return !is_wrong_end(text);
    }

    // The bytes that the encoder writes after a text. write() always writes most_wire_bytes bytes, of which the first
    // wire_bytes() are valid.
    static constexpr std::size_t most_wire_bytes = 2;
    std::size_t wire_bytes() const noexcept { return wire_bytes_; }
    void write(std::byte* to) const noexcept { std::memcpy(to, wire_, most_wire_bytes); }

private:
    static constexpr std::size_t short_bytes = 1024;
    // Defined in the .cc file: a compiler that knows how small a part is uses slower instructions to copy it.
    static const std::size_t part_bytes;

    std::size_t bare_text_ = 0;  // no_text when `before` is required: a line without it is malformed
    std::size_t wire_bytes_ = 0;
    std::byte wire_[most_wire_bytes]{};
    std::byte mark_{};
    std::byte before_{};
};

// Thread safety: immutable.
struct fast_path {
    enum class kind : std::uint8_t {
        general,  // no fast path: bodies are stuffed, or the input does not contain the end of a frame
        whole,    // measure() finds a frame, and the decoder returns it from the input when all of it is there
        length,   // a frame is a header, which `length` describes, and a body
        mark,     // a frame is a text and `mark`
        fixed,    // a frame is a body of framing::limit() bytes
    };

    fast_path() noexcept = default;
    explicit fast_path(kind which) noexcept : what(which) {}
    explicit fast_path(length_field field) noexcept : what(kind::length), length(std::move(field)) {}
    explicit fast_path(end_mark ending) noexcept : what(kind::mark), mark(ending) {}

    // True when the decoder and the encoder need no call of the format. They use such a path only when the body is
    // exactly the payload.
    bool is_direct() const noexcept { return what > kind::whole; }

    kind what = kind::whole;
    end_mark mark;
    length_field length;
};

}  // namespace internal
}  // namespace weir
