// The type of a socket: the second argument of socket(2).
#pragma once

#include "weir/base/language.h"

#include <cstdint>
#include <string_view>

namespace [[gnu::visibility("default")]] weir {

// What a socket guarantees about bytes and messages.
enum class socket_type : std::uint8_t {
    stream,     // SOCK_STREAM: TCP, Unix streams; bytes in order, no boundaries
    datagram,   // SOCK_DGRAM: UDP, Unix datagrams; boundaries kept
    seqpacket,  // SOCK_SEQPACKET: Unix; connected, and boundaries kept
    raw,        // SOCK_RAW: below TCP and UDP; needs CAP_NET_RAW
};

// Returns "stream", "datagram", "seqpacket" or "raw".
std::string_view to_string(socket_type type) noexcept;

}  // namespace weir
