// Describes the fields of a record: the type, the size and the value of each. Nothing here does I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/bytes.h>

namespace weir_tool {

struct record_field {
    std::string code;     // with its count: "16s", "I", "3x"
    std::string name;     // "u32 #1"
    std::string meaning;  // "unsigned, big-endian"
    std::uint64_t size = 0;
};

// Returns the fields of a format that description::check() accepts, in order. A run of more than a few fields of one
// type is one entry, so that the list is never long.
std::vector<record_field> record_fields(std::string_view format);

// Returns the value of the field `code` in a record of `format`, as text for people.
std::string field_value(std::string_view code, std::string_view format, weir::bytes_view content);

}  // namespace weir_tool
