// The fields of a framing: the plain data of the value `framing`, and the checks that reject contradictions. grammar.h
// describes the text form; format.h describes how bytes are cut.
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

// The kind of a framing, which selects its format.
enum class framing_kind : std::uint8_t {
    lines,
    delimited,
    fixed,
    length,
    varint,
    ber,
    decimal,
    hex,
    digits,
    header,
    netstring,
    record,
    chunks,
    idle,
    custom,
};

// What the decoder does with a message over the limit: it fails, drops the message, or returns it in pieces.
enum class oversize_rule : std::uint8_t { close, skip, stream };
// What a length counts. body: the payload and the checksum. payload: the payload alone. field: the body and the length
// field. whole: the whole frame.
enum class counts_rule : std::uint8_t { body, payload, field, whole };
// The bytes of the header that belong to the message: none, all, or those after the length.
enum class header_rule : std::uint8_t { strip, keep, after };
// What happens to an empty message: it is a message, an error, or dropped without an event. With skip, a frame without
// payload is dropped also when it has no checksum: it is a fill between messages.
enum class empty_rule : std::uint8_t { allow, reject, skip };
// The meaning of a length that is less than what it counts besides the body: an error, or a message without payload.
enum class short_rule : std::uint8_t { reject, empty };
// The meaning of the end of the stream inside a line: an error, or the end of the last message.
enum class end_rule : std::uint8_t { truncated, deliver };
// The checksum after the payload; checksum.h lists the parameters of each kind.
enum class checksum_kind : std::uint8_t {
    none,
    xor8,
    sum8,
    lrc8,
    fletcher8,
    sum16,
    crc16_arc,
    crc16_ccitt_false,
    crc16_kermit,
    crc16_modbus,
    crc16_x25,
    crc16_xmodem,
    crc32,
    crc32c,
};
// Which byte of a number comes first: the most significant one (big), or the least significant one (little).
enum class byte_order : std::uint8_t { big, little };

// Byte stuffing: `plain` in the payload is sent as `wire`.
struct substitution {
    substitution() = default;
    // Takes the bytes on the wire and the bytes of the payload that they replace.
    substitution(bytes wire_bytes, bytes plain_bytes) : wire(std::move(wire_bytes)), plain(std::move(plain_bytes)) {}
    // Compares both members.
    friend bool operator==(const substitution&, const substitution&) = default;

    bytes wire;   // as they are sent; two bytes at most
    bytes plain;  // as they are in the payload
};

// The limits of the fields of a description.
inline constexpr std::size_t most_marks = 8;              // end marks of `delimited`
inline constexpr std::size_t most_mark_bytes = 16;        // one end mark, start mark, magic or trailer
inline constexpr std::uint64_t most_offset_bytes = 4096;  // before a length
inline constexpr std::uint64_t most_after_bytes = 4096;   // of the header, after a length
inline constexpr std::uint64_t most_times_bytes = 65536;  // the unit that a length counts
inline constexpr std::size_t most_name_bytes = 64;        // of the field with the length
inline constexpr std::size_t most_length_digits = 18;     // a decimal length; a hexadecimal one has at most 16
// The largest header of `header` and of a custom format, and the largest trailer of a custom format, in bytes. Data
// that grows with the message belongs to the body.
inline constexpr std::size_t most_header_bytes = 4096;
// The default of `max`, in bytes.
inline constexpr std::uint64_t default_max_bytes = 1u << 20;
// The largest announced payload and the largest fixed message, in bytes. With this limit, no sum of the sizes of a
// frame overflows.
inline constexpr std::uint64_t most_message_bytes = std::uint64_t{1} << 61;
// The largest payload of a netstring, in bytes.
inline constexpr std::uint64_t most_netstring_bytes = 999'999'999'999'999'999;  // most_length_digits digits

// The fields of a framing; framing::make() checks them and makes a framing from them. Thread safety: a value.
struct description {
    description() = default;
    // Makes a description of this kind with its defaults.
    explicit description(framing_kind which) : kind(which) {}
    // Compares all fields.
    friend bool operator==(const description&, const description&) = default;

    // Checks the fields. On failure the error code is errc::malformed; its detail names the contradiction.
    result<void> check() const;
    // The size of the checksum on the wire in bytes; 0 when there is no checksum.
    std::size_t check_bytes() const noexcept;
    // The size of the largest message in bytes, for the encoder and the decoder: `max`, or 1 MiB when it is not set,
    // and never more than the length field can announce. max=none therefore means 65535 bytes for len16.
    std::uint64_t limit() const noexcept;
    // The byte order of the checksum: `check_order`, or the order of the checksum's standard when it is not set.
    byte_order check_byte_order() const noexcept;
    // True for the kinds whose header has a length, which the options about a length describe.
    bool has_length() const noexcept;
    // True when the decoder takes the start mark for the end of an empty message, which it drops: the start mark is one
    // of the end marks, and empty is skip. Frames may then share a mark, or have several between them.
    bool has_optional_start() const noexcept;
    // Returns how many bytes of a header of this size belong to the message; they are the last ones of the header.
    std::uint64_t kept_of(std::uint64_t header_bytes) const noexcept {
        return header == header_rule::strip ? 0 : header == header_rule::keep ? header_bytes : after;
    }

    framing_kind kind = framing_kind::lines;  // decides which of the fields below apply

    bool crlf = false;                   // lines: CR LF is required
    end_rule end = end_rule::truncated;  // lines
    std::vector<bytes> marks;            // delimited: any of these ends a message
    bytes start;                         // delimited: before each message
    std::vector<substitution> escapes;   // delimited
    std::uint64_t size = 0;              // fixed: bytes a message
    std::uint8_t width = 4;              // length: bytes, 1, 2, 3, 4 or 8; decimal, hex: digits
    byte_order order = byte_order::big;  // length
    std::optional<std::uint64_t> mask;   // length: the bits that are the number, the lowest ones; unset: all
    std::uint64_t flags = 0;             // length: the value of the other bits
    std::uint64_t times = 1;             // length: bytes that one of the number stands for
    bytes length_end;                    // digits: ends the number
    std::string length_name;             // header: the field with the length
    bool overlong_allowed = false;       // varint, ber, digits: encodings longer than needed are accepted
    // These are for all kinds with a length.
    std::uint64_t offset = 0;  // bytes before the length
    std::uint64_t after = 0;   // bytes of the header after the length
    counts_rule counts = counts_rule::body;
    short_rule when_short = short_rule::reject;
    header_rule header = header_rule::strip;  // kind header has it, too
    bytes magic;                              // the first bytes of every frame
    bytes trailer;                            // the last bytes of every frame
    // The next ones are each for one kind.
    std::string fields;                 // record: the format, in the notation of Python's struct
    duration gap{};                     // idle
    std::string name;                   // custom: its name
    std::shared_ptr<const format> own;  // custom: the user's format; equal when it is the same object

    // The following fields apply to several kinds; grammar.h lists them.
    std::optional<std::uint64_t> max;  // bytes of a message; UINT64_MAX is `none`
    oversize_rule oversize = oversize_rule::close;
    empty_rule empty = empty_rule::allow;
    checksum_kind checksum = checksum_kind::none;
    std::optional<std::uint64_t> cover;  // first byte of the frame that the checksum covers; unset: the payload alone
    std::optional<byte_order> check_order;
};

}  // namespace weir
