// The anatomy of a frame: its parts in order, with their sizes and meanings. `weir framing` draws a layout from it, and
// `weir explain` draws frames. Nothing here does I/O, or searches for the end of a frame: the decoder finds it, and the
// framing's format measures header, body and trailer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/bytes.h>
#include <weir/framing/framing.h>

namespace weir_tool {

// The kinds of parts, in the order of a frame. `field` is a field of a record; it replaces the payload.
enum class part_kind : std::uint8_t { start_mark, magic, unread, length, payload, field, checksum, end_mark };

// A part of every frame of a framing.
struct part {
    part_kind kind{};
    std::string name{};
    std::string meaning{};
    std::optional<std::uint64_t> size{};  // in bytes; none if it varies
    std::string code{};                   // of a field: its code in the record's format
};

// Returns "header", "payload" or "trailer".
std::string_view section_of(part_kind kind) noexcept;

std::vector<part> parts_of(const weir::framing& described);

// A part of one frame: its place, its bytes as far as they have arrived, and their meaning.
struct found_part {
    part_kind kind{};
    std::string name{};
    std::string meaning{};
    std::uint64_t offset = 0;  // from the frame's first byte
    std::uint64_t size = 0;    // of the whole part; `content` may be shorter
    weir::bytes_view content{};
    bool wrong = false;  // the checksum does not match
};

// Returns the parts of a frame. `frame` contains the whole frame or its first bytes, and nothing after the frame. For a
// partial frame, returns the parts that are certain. `ended` means that no bytes follow, so that the end of the input
// may end the frame. The views refer to `frame`.
std::vector<found_part> dissect(const weir::framing& described, weir::bytes_view frame, bool ended);

// say_cover() returns what the checksum covers: "the payload", "the frame before it from byte 2 on". check_name()
// returns the name of the checksum.
std::string say_cover(const weir::description& fields);
// "the payload", "the payload and the checksum", "itself and the payload" ...
std::string say_counted(const weir::description& fields);

}  // namespace weir_tool
