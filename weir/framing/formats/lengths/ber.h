// ber: the length before the message is one of ASN.1's Basic Encoding Rules (ITU-T X.690, 8.1.3): one byte up to 127,
// else 80 plus the number of bytes that follow, the most significant one first.
//
//     wire      05 68 65 6c 6c 6f | 82 01 2c (300 bytes)
//     message   "hello"           | 300 bytes
//
//     magic=30,header=keep   30 0c 02 01 01 60 07 ...    LDAP's bind request: the tag of a sequence before the length
//
// Each length has one valid encoding, the shortest, as in DER. Longer ones (81 05 for 5), which BER allows, are
// malformed unless overlong=allow. The indefinite form (80) is malformed: its end cannot be found without parsing the
// content. At most 8 bytes follow the first one.
//
// announced.h describes the other options. Used by LDAP (RFC 4511), SNMP over TCP (RFC 3430), Kerberos, MMS.
#pragma once

#include "weir/framing/formats/lengths/announced.h"

namespace weir::internal {

class ber_format final : public announced_format {
public:
    explicit ber_format(const description& fields) : announced_format(fields) {}

private:
    number_read read(bytes_view field) const noexcept override;
    std::size_t width_of(std::uint64_t number) const noexcept override;
    void write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept override;
    std::string explain_number(bytes_view field, std::size_t place) const override;
};

}  // namespace weir::internal
