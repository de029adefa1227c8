// The anatomy of a frame: which parts it has, in which order, how large they are and what they mean. One description of
// the parts serves the layout that `weir framing` draws and the frames that `weir explain` draws. Pure. It never looks
// for a frame's end: that comes from the decoder, and the sizes of header, body and trailer from the framing's own
// machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/bytes.h>
#include <weir/framing/framing.h>

namespace weir_tool {

// In the order in which they lie in a frame. `field` is a field of a record, and lies where the payload does.
enum class part_kind : std::uint8_t { start_mark, magic, unread, length, payload, field, checksum, end_mark };

// A part of every frame of a framing.
struct part {
    part_kind kind{};
    std::string name{};
    std::string meaning{};
    std::optional<std::uint64_t> size{};  // bytes; none: it varies
    std::string code{};                   // of a field: as the record's format has it
};

// "header", "payload" or "trailer".
std::string_view section_of(part_kind kind) noexcept;

std::vector<part> parts_of(const weir::framing& described);

// A part of one frame: where it lies, its bytes as far as they have come, and what they say.
struct found_part {
    part_kind kind{};
    std::string name{};
    std::string meaning{};
    std::uint64_t offset = 0;  // from the frame's first byte
    std::uint64_t size = 0;    // that it has, or will have; what came may be less
    weir::bytes_view content{};
    bool wrong = false;  // a checksum that does not match
};

// The parts of the frame whose first bytes, or all bytes, are `frame`; nothing behind it. Without an end (a partial
// frame) as many as can be told. `ended`: nothing comes behind these bytes, so that what may end a frame there does.
// The views look into `frame`.
std::vector<found_part> dissect(const weir::framing& described, weir::bytes_view frame, bool ended);

// "over the payload", "over the frame from byte 2 on".
std::string say_cover(const weir::description& fields);
std::string_view check_name(weir::checksum_kind kind) noexcept;
// "the payload", "the payload and the checksum", "itself and the payload" ...
std::string say_counted(const weir::description& fields);

}  // namespace weir_tool
