// The options of a framing's text: what each key sets, how its value is read and printed, and to which kinds it
// applies.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/framing/description.h"

namespace weir::internal {

// The sentence of an error, or nothing.
using complaint = std::optional<std::string>;

// Sets of kinds.
constexpr unsigned bit(framing_kind which) { return 1u << static_cast<unsigned>(which); }

// A key: the kinds that have it, how its value is read, and how it is printed (nothing for its default).
struct framing_option {
    std::string_view name;
    unsigned kinds;
    complaint (*read)(std::string_view value, description& into);
    std::optional<std::string> (*write)(const description& from);
};

// All options, in the order in which they are printed.
std::span<const framing_option> framing_options() noexcept;

// Splits at `separator`, but not inside quotes.
std::vector<std::string_view> split(std::string_view text, char separator);
// Bytes as hex digits, or in quotes; at least one.
complaint read_bytes(std::string_view text, bytes& into);
std::string write_bytes(bytes_view content);
complaint read_size_into(std::string_view value, std::uint64_t& into);

}  // namespace weir::internal
