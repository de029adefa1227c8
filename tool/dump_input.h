// Bytes as a person or a program dumped them: recognises plain hex, xxd, hexdump -C and od -Ax -tx1, and gives back the
// bytes that they show, line by line as they come. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/base/buffer.h>
#include <weir/base/bytes.h>

namespace weir_tool {

enum class dump_kind : std::uint8_t { raw, plain, xxd, canonical, od };

// "plain hex", "a dump by xxd" ...
std::string_view name_of(dump_kind kind) noexcept;

// What the beginning of an input is; nothing while its first line has not come whole and it may still be a dump.
// `ended`: no more comes.
std::optional<dump_kind> recognise_dump(weir::bytes_view beginning, bool ended);

// Thread safety: one thread at a time.
class dump_reader {
public:
    explicit dump_reader(dump_kind kind) noexcept : kind_(kind) {}

    // Appends the bytes of every line that is whole to `out`. A sentence when a line is none of a dump; then nothing
    // more is read.
    std::string feed(weir::bytes_view text, weir::buffer& out);
    // The last line may have no line feed.
    std::string finish(weir::buffer& out);

private:
    std::string take_line(std::string_view line, weir::buffer& out);
    std::string refuse(std::string_view line) const;

    dump_kind kind_;
    std::string line_;
    std::uint64_t number_ = 0;  // of the line
    std::uint64_t at_ = 0;      // offset of the next byte, as the dump counts
    bool started_ = false;
    bool repeats_ = false;  // a line with a star came: the line before it goes on until the next offset
    weir::bytes last_;
};

}  // namespace weir_tool
