// Reads hex dumps: plain hex, xxd, hexdump -C and od -Ax -tx1. Recognises the format and returns the bytes, line by
// line as they arrive. Nothing here does I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/base/buffer.h>
#include <weir/base/bytes.h>

namespace weir_tool {

enum class dump_kind : std::uint8_t { raw, plain, xxd, canonical, od };

// Returns the name for messages: "plain hex", "a dump by xxd" ...
std::string_view name_of(dump_kind kind) noexcept;

// Returns the kind of an input from its beginning. The result is empty while the first line is incomplete and may still
// belong to a dump. `ended` means that no bytes follow.
std::optional<dump_kind> recognise_dump(weir::bytes_view beginning, bool ended);

// Thread safety: one thread at a time.
class dump_reader {
public:
    explicit dump_reader(dump_kind kind) noexcept : kind_(kind) {}

    // Appends the bytes of every whole line to `out`. Returns a sentence when a line does not belong to a dump; do not
    // call it again after that.
    std::string feed(weir::bytes_view text, weir::buffer& out);
    // Ends the input; the last line may have no line feed.
    std::string finish(weir::buffer& out);

private:
    std::string take_line(std::string_view line, weir::buffer& out);
    std::string refuse(std::string_view line) const;

    dump_kind kind_;
    std::string line_;
    std::uint64_t number_ = 0;  // of the line
    std::uint64_t at_ = 0;      // offset of the next byte, as in the dump
    bool started_ = false;
    bool repeats_ = false;  // after a line "*": the line before it repeats up to the next offset
    weir::bytes last_;
};

}  // namespace weir_tool
