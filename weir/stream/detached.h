// A connection that a channel gave away, see channel::detach(): the socket, and the bytes that are not in the kernel.
// adopt() makes a channel from it, in this process or in another one.
#pragma once

#include <utility>

#include "weir/base/buffer.h"
#include "weir/loop/byte_stream.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// A connection that a channel gave away. The bytes have the form in which they are on the wire. A program that drops
// this object with unsent bytes should reset the connection (option::linger set to zero). Otherwise the peer reads a
// clean end of the stream. Thread safety: a value.
class detached_connection {
public:
    // Makes one from a socket and the bytes that belong to it.
    detached_connection(socket connected, buffer arrived, buffer to_send, bool has_shut_down = false) noexcept
        : connection(std::move(connected)), unread(std::move(arrived)), unsent(std::move(to_send)),
          output_ended(has_shut_down) {}

    socket connection;  // in blocking mode
    buffer unread;      // arrived and not received: whole messages, and perhaps a partial one at the end
    buffer unsent;      // sent, but not taken by the kernel; may begin inside a message
    bool output_ended;  // shutdown_send() was called
};

// A stream that a channel gave away, see channel::detach_stream(). It must be adopted or destroyed before its loop is
// destroyed. Thread safety: its loop's thread alone.
class detached_stream {
public:
    // Makes one from a stream and the bytes that belong to it.
    detached_stream(owned_stream connected, buffer arrived, buffer to_send, bool peer_has_ended,
                    bool has_shut_down) noexcept
        : stream(std::move(connected)), unread(std::move(arrived)), unsent(std::move(to_send)),
          input_ended(peer_has_ended), output_ended(has_shut_down) {}

    owned_stream stream;  // halted; continue it with byte_stream::set_user() and an operation
    buffer unread;        // arrived, and was not received
    buffer unsent;        // sent, but not taken by the stream
    bool input_ended;     // the end of the stream was read: no bytes follow `unread`
    bool output_ended;    // shutdown_send() was called
};

}  // namespace weir
