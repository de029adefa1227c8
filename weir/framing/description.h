// What a framing says, field by field: the plain data behind the value `framing`, and the rules that refuse a
// contradiction with a sentence. Knows neither the text grammar (grammar.h) nor how bytes are cut (format.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

class format;

enum class framing_kind : std::uint8_t {
    lines,
    delimited,
    fixed,
    length,
    varint,
    netstring,
    record,
    chunks,
    idle,
    custom,
};

// A message over the limit ends the decoder, is dropped, or comes in pieces.
enum class oversize_rule : std::uint8_t { close, skip, stream };
// What a length counts: the payload alone; all that follows the length field (payload and checksum); the length field
// too; the whole frame from its first byte.
enum class counts_rule : std::uint8_t { body, payload, field, whole };
// A stream that ends inside a line: an error, or the last message.
enum class end_rule : std::uint8_t { truncated, deliver };
enum class checksum_kind : std::uint8_t { none, xor8, sum8, crc16_modbus, crc16_x25, crc32, crc32c };
enum class byte_order : std::uint8_t { big, little };

// Byte stuffing: where the payload has `plain`, the wire has `wire`.
struct substitution {
    substitution() = default;
    substitution(bytes wire_bytes, bytes plain_bytes) : wire(std::move(wire_bytes)), plain(std::move(plain_bytes)) {}
    friend bool operator==(const substitution&, const substitution&) = default;

    bytes wire, plain;
};

// The limits of a description, so that it stays a description.
inline constexpr std::size_t most_marks = 8;              // end marks of `delimited`
inline constexpr std::size_t most_mark_bytes = 16;        // one end mark, start mark or magic
inline constexpr std::uint64_t most_offset_bytes = 4096;  // in front of a length
inline constexpr std::uint64_t default_max_bytes = 1u << 20;
// No message whose size is announced, and no fixed size, is over this; so no sum of sizes wraps.
inline constexpr std::uint64_t most_message_bytes = std::uint64_t{1} << 61;
inline constexpr std::uint64_t most_netstring_bytes = 999'999'999'999'999'999;  // 18 digits

// Thread safety: a value.
struct description {
    description() = default;
    explicit description(framing_kind which) : kind(which) {}
    friend bool operator==(const description&, const description&) = default;

    // Nothing, or the sentence that says what contradicts what.
    result<void> check() const;
    // Bytes that the checksum takes on the wire; 0 without one.
    std::size_t check_bytes() const noexcept;
    // The longest message in bytes, for encoder and decoder alike: `max` if it was said, else 1 MiB, and never more
    // than the length in front of a message can announce. max=none therefore means 65535 bytes for len16.
    std::uint64_t limit() const noexcept;
    // The order of the checksum's bytes: as said, else as its standard has it.
    byte_order check_byte_order() const noexcept;

    framing_kind kind = framing_kind::lines;

    bool crlf = false;                       // lines: CR LF is demanded
    end_rule end = end_rule::truncated;      // lines
    std::vector<bytes> marks;                // delimited: any of these ends a message
    bytes start;                             // delimited: in front of each message
    std::vector<substitution> escapes;       // delimited
    std::uint64_t size = 0;                  // fixed: bytes a message
    std::uint8_t width = 4;                  // length: bytes of the length field: 1, 2, 3, 4 or 8
    byte_order order = byte_order::big;      // length
    bool overlong_allowed = false;           // varint: encodings longer than needed are accepted
    std::uint64_t offset = 0;                // length, varint: bytes before the length
    counts_rule counts = counts_rule::body;  // length, varint
    bool keep_header = false;                // length, varint: the header is part of the message
    bytes magic;                             // length, varint: the first bytes of every frame
    std::string fields;                      // record: the format, as Python's struct writes it
    duration gap{};                          // idle
    std::string name;                        // custom: what it is called
    std::shared_ptr<const format> own;       // custom: the user's format; the same object is equal, another is not

    // For all kinds, as far as they make sense there.
    std::optional<std::uint64_t> max;  // bytes of a message; UINT64_MAX is `none`
    oversize_rule oversize = oversize_rule::close;
    bool empty_allowed = true;
    checksum_kind checksum = checksum_kind::none;
    std::optional<std::uint64_t> cover;  // first byte of the frame that the checksum covers; else the payload alone
    std::optional<byte_order> check_order;
};

}  // namespace weir
