// The name, size and byte order of each kind of checksum.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/framing/description.h"

namespace weir::internal {

struct checksum_traits {
    std::string_view name;  // in the text of a framing
    std::uint8_t bytes;
    byte_order usual_order;  // on the wire, unless the framing sets another one
};

inline constexpr checksum_traits checksum_kinds[] = {
    {"none", 0, byte_order::big},
    {"xor8", 1, byte_order::big},
    {"sum8", 1, byte_order::big},
    {"lrc8", 1, byte_order::big},
    {"fletcher8", 2, byte_order::big},  // the sum, then the sum of sums
    {"sum16", 2, byte_order::big},
    {"crc16-arc", 2, byte_order::little},
    {"crc16-ccitt-false", 2, byte_order::big},
    {"crc16-kermit", 2, byte_order::little},
    {"crc16-modbus", 2, byte_order::little},  // Modbus over serial line V1.02, 2.5.1.2
    {"crc16-x25", 2, byte_order::little},     // ISO/IEC 13239
    {"crc16-xmodem", 2, byte_order::big},
    {"crc32", 4, byte_order::big},
    {"crc32c", 4, byte_order::big},
};

constexpr const checksum_traits& checksum_traits_of(checksum_kind kind) noexcept {
    return checksum_kinds[static_cast<unsigned>(kind)];
}

}  // namespace weir::internal
