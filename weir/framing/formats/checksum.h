// Checksums over bytes that arrive in pieces.
//
//     name               bytes  polynomial  start     reflected  final xor  check(*)  where
//     xor8               1                  00                              31        JT/T 808, NMEA 0183
//     sum8               1                  00                              dd        FIX, many instruments
//     lrc8               1                  00                              23        Modbus ASCII: minus the sum
//     fletcher8          2                  00 00                           dd15      u-blox UBX: sums modulo 256
//     sum16              2                  0000                            01dd      serial devices
//     crc16-arc          2      8005        0000      yes        0000       bb3d      ARC, LHA, IBM BSC
//     crc16-ccitt-false  2      1021        ffff      no         0000       29b1      instruments, smart cards
//     crc16-kermit       2      1021        0000      yes        0000       2189      Kermit, V.41
//     crc16-modbus       2      8005        ffff      yes        0000       4b37      Modbus RTU
//     crc16-x25          2      1021        ffff      yes        ffff       906e      HDLC, PPP, X.25 (RFC 1662)
//     crc16-xmodem       2      1021        0000      no         0000       31c3      XMODEM, ZMODEM
//     crc32              4      04c11db7    ffffffff  yes        ffffffff   cbf43926  Ethernet, zip, PNG
//     crc32c             4      1edc6f41    ffffffff  yes        ffffffff   e3069283  iSCSI (RFC 3720), ext4
//
// (*) of the nine characters "123456789". Names, parameters and checks of the CRCs are those of the catalogue of
// parametrised CRC algorithms (https://reveng.sourceforge.io/crc-catalogue).
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/framing/description.h"

namespace [[gnu::visibility("default")]] weir {

// Computes a checksum over bytes that arrive in pieces. Thread safety: one thread at a time; a copy continues
// independently.
class running_checksum {
public:
    // The checksum of no bytes.
    explicit running_checksum(checksum_kind kind) noexcept;

    // Adds the next bytes.
    void update(bytes_view more) noexcept;
    // The checksum of all bytes so far, in its lowest 8, 16 or 32 bits.
    std::uint32_t value() const noexcept;

    // Compares the kinds and the states. When both are equal, equal further bytes give equal checksums.
    friend bool operator==(const running_checksum&, const running_checksum&) noexcept = default;

private:
    checksum_kind kind_;
    std::uint32_t state_;
};

// The name of a checksum in the text of a framing.
std::string_view to_string(checksum_kind kind) noexcept;

// put_checksum() appends a checksum to `out` in its form on the wire; read_checksum() reads this form. `size` is 1, 2
// or 4 bytes.
void put_checksum(std::uint32_t value, std::size_t size, byte_order order, buffer& out);
std::uint32_t read_checksum(bytes_view wire, byte_order order) noexcept;

}  // namespace weir
