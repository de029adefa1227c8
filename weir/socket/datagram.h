// A received message, and what the kernel reports about it: its full length, its sender, its destination address.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/bytes.h"
#include "weir/base/time.h"
#include "weir/socket/credentials.h"
#include "weir/socket/descriptor.h"

namespace [[gnu::visibility("default")]] weir {

// Wall-clock time, as in packet timestamps: CLOCK_REALTIME in nanoseconds.
using wall_time = std::chrono::sys_time<duration>;

// Information about a received message, recvmsg(2). The comment of a field names the option that sets it, if there is
// one.
// Thread safety: a value.
struct received {
    std::size_t size = 0;                 // bytes in the buffer
    std::size_t full_size = 0;            // bytes of the whole datagram (MSG_TRUNC); for a stream the same as size
    address from;                         // the sender; none if it has no name: streams, unbound Unix sockets
    address to;                           // option::packet_info: the destination address; its port is 0
    unsigned interface_index = 0;         // option::packet_info: the receiving interface, see interface_name()
    std::optional<int> hop_limit;         // option::receive_hop_limit: the remaining hops, 0 to 255
    std::optional<int> traffic_class;     // option::receive_traffic_class
    std::optional<wall_time> arrived;     // option::timestamps; always set for Unix packets
    std::vector<descriptor> descriptors;  // receive_options::descriptors(); close-on-exec, closed with this value
    bool descriptors_lost = false;        // some did not fit (MSG_CTRUNC), and were closed
    std::optional<credentials> sender;    // option::pass_credentials
    bool out_of_band = false;             // MSG_OOB
    bool end_of_record = false;           // MSG_EOR

    // Returns true if the datagram did not fit. The rest is lost, except after a peek.
    bool truncated() const noexcept { return full_size > size; }
};

// A received message with its payload.
struct datagram : received {
    bytes payload;  // the bytes that fit; see truncated()
};

}  // namespace weir
