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
    netstring,
    record,
    chunks,
    idle,
    custom,
};

// What the decoder does with a message over the limit: it fails, drops the message, or returns it in pieces.
enum class oversize_rule : std::uint8_t { close, skip, stream };
// What a length counts. body: the payload and the checksum. payload: the payload alone. field: the body and the length
// field. whole: the frame from its first byte.
enum class counts_rule : std::uint8_t { body, payload, field, whole };
// The meaning of the end of the stream inside a line: an error, or the end of the last message.
enum class end_rule : std::uint8_t { truncated, deliver };
// The checksum after the payload; checksum.h lists the parameters of each kind.
enum class checksum_kind : std::uint8_t { none, xor8, sum8, crc16_modbus, crc16_x25, crc32, crc32c };
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
inline constexpr std::size_t most_marks = 8;              // number of end marks of `delimited`
inline constexpr std::size_t most_mark_bytes = 16;        // size of an end mark, a start mark or a magic
inline constexpr std::uint64_t most_offset_bytes = 4096;  // bytes before a length
// The default of `max`, in bytes.
inline constexpr std::uint64_t default_max_bytes = 1u << 20;
// The largest announced payload and the largest fixed message, in bytes. With this limit, no sum of the sizes of a
// frame overflows.
inline constexpr std::uint64_t most_message_bytes = std::uint64_t{1} << 61;
// The largest payload of a netstring, in bytes.
inline constexpr std::uint64_t most_netstring_bytes = 999'999'999'999'999'999;  // 18 digits

// The fields of a framing; framing::make() checks them and makes a framing from them. Thread safety: a value.
struct description {
    description() = default;
    // Makes a description of this kind with its defaults.
    explicit description(framing_kind which) : kind(which) {}
    // Compares all fields.
    friend bool operator==(const description&, const description&) = default;

    // Checks the fields. The error is malformed; its detail names the contradiction.
    result<void> check() const;
    // The size of the checksum on the wire in bytes; 0 when there is no checksum.
    std::size_t check_bytes() const noexcept;
    // The size of the largest message in bytes, for the encoder and the decoder: `max`, or 1 MiB when it is not set,
    // and never more than the length field can announce. max=none therefore means 65535 bytes for len16.
    std::uint64_t limit() const noexcept;
    // The byte order of the checksum: `check_order`, or the order of the checksum's standard when it is not set.
    byte_order check_byte_order() const noexcept;

    framing_kind kind = framing_kind::lines;  // decides which of the fields below apply

    bool crlf = false;                       // lines: CR LF is required
    end_rule end = end_rule::truncated;      // lines
    std::vector<bytes> marks;                // delimited: any of these ends a message
    bytes start;                             // delimited: before each message
    std::vector<substitution> escapes;       // delimited
    std::uint64_t size = 0;                  // fixed: bytes per message
    std::uint8_t width = 4;                  // length: bytes of the length field: 1, 2, 3, 4 or 8
    byte_order order = byte_order::big;      // length
    bool overlong_allowed = false;           // varint: encodings longer than needed are accepted
    std::uint64_t offset = 0;                // length, varint: bytes before the length
    counts_rule counts = counts_rule::body;  // length, varint
    bool keep_header = false;                // length, varint: the header is part of the message
    bytes magic;                             // length, varint: the first bytes of every frame
    std::string fields;                      // record: the format, in the notation of Python's struct
    duration gap{};                          // idle
    std::string name;                        // custom: its name
    std::shared_ptr<const format> own;       // custom: the user's format; compared by address

    // The following fields apply to several kinds; grammar.h lists them.
    std::optional<std::uint64_t> max;  // bytes of a message; UINT64_MAX is `none`
    oversize_rule oversize = oversize_rule::close;
    bool empty_allowed = true;
    checksum_kind checksum = checksum_kind::none;
    std::optional<std::uint64_t> cover;  // first byte of the frame that the checksum covers; unset: the payload alone
    std::optional<byte_order> check_order;
};

}  // namespace weir
