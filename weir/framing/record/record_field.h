// One field of a record, as record_layout::fields() returns it.
#pragma once

#include "weir/base/language.h"

#include <cstddef>

namespace [[gnu::visibility("default")]] weir {

// One code of a format with its count: `I`, `3H`, `16s`, `2x`. A count of 0 makes no field, except for `0s`, which is
// one empty string. Thread safety: a value.
struct record_field {
    record_field() = default;
    friend bool operator==(const record_field&, const record_field&) = default;

    std::size_t offset = 0;  // bytes from the start of the record
    std::size_t size = 0;    // bytes of one value; 1 for x
    std::size_t count = 0;   // number of values or padding bytes: 3 for 3H, 1 for 16s, 2 for 2x
    char code = 0;           // the letter, as in Python's struct

    // The number of values of the field; 0 for padding.
    constexpr std::size_t values() const noexcept { return code == 'x' ? 0 : count; }
};

// The largest record, in bytes.
inline constexpr std::size_t most_record_bytes = std::size_t{1} << 30;

}  // namespace weir
