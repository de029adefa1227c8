// What came in one message, and what the kernel says about it: how long it really was, from whom, to which address.
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

// Time of day as the kernel stamps packets with it: nanoseconds of CLOCK_REALTIME.
using wall_time = std::chrono::sys_time<duration>;

// About a message that was received, recvmsg(2). What is only told when an option asks for it names the option.
// Thread safety: a value.
struct received {
    std::size_t size = 0;                 // bytes that lie in the buffer
    std::size_t full_size = 0;            // bytes that the datagram had (MSG_TRUNC); a stream's are its size
    address from;                         // the sender; none where it has no name: streams, unbound Unix sockets
    address to;                           // option::packet_info: the address it was sent to; its port is 0
    unsigned interface_index = 0;         // option::packet_info: where it came in, see interface_name()
    std::optional<int> hop_limit;         // option::receive_hop_limit: what was left of it, 0 to 255
    std::optional<int> traffic_class;     // option::receive_traffic_class
    std::optional<wall_time> arrived;     // option::timestamps; Unix packets always carry it
    std::vector<descriptor> descriptors;  // receive_options::descriptors(); closed on exec, closed with this value
    bool descriptors_lost = false;        // there was no room for all (MSG_CTRUNC): those beyond are closed
    std::optional<credentials> sender;    // option::pass_credentials
    bool out_of_band = false;             // MSG_OOB
    bool end_of_record = false;           // MSG_EOR

    // The datagram did not fit; what did not is gone (not so for a peek).
    bool truncated() const noexcept { return full_size > size; }
};

// The same with its payload.
struct datagram : received {
    bytes payload;
};

}  // namespace weir
