// Records: the struct formats of Python's `struct` module, sizes and byte order always said. `!I16sf` is an unsigned int of 4 bytes,
// a string of 16 and a float of 4, in network order.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// The bytes that a record of this format takes; the error's detail says what is wrong and where. The format begins with
// its byte order, because both sides must know it: `!` or `>` big-endian, `<` little-endian. Without it Python
// packs as the machine's C compiler would, which is no wire format.
result<std::uint64_t> record_bytes(std::string_view format);

}  // namespace weir
