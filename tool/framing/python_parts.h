// The parts that the Python programs of all framings share.
#pragma once

#include <string>

#include <weir/framing/framing.h>

namespace weir_tool {

// Bytes, and a byte order, as Python writes them.
std::string literal(weir::bytes_view content);
std::string order_word(weir::byte_order order);

// Returns the functions checksum(header, payload), which gives the bytes of a checksum, b"" when there is none, and
// verified(header, body), which gives the message.
std::string python_common(const weir::description& fields);

// Returns the beginning of encode(message): it refuses a message that the limit or empty=reject does not allow.
std::string refuse_by_limit(const weir::description& fields);

// True when messages over the limit are skipped.
bool skips(const weir::description& fields) noexcept;

}  // namespace weir_tool
