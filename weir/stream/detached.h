// A connection that a channel gave away, see channel::detach(). adopt() makes a channel of it again, in this or in
// another process: the bytes are what the kernel does not have.
#pragma once

#include <utility>

#include "weir/base/buffer.h"
#include "weir/loop/byte_stream.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// The bytes are as they are on the wire. A program that drops it with unsent bytes should reset the peer
// (option::linger of no time), which otherwise reads a clean end. Thread safety: a value.
class detached_connection {
public:
    // Of a socket, and the bytes that belong to it.
    detached_connection(socket connected, buffer arrived, buffer to_send, bool has_shut_down = false) noexcept
        : connection(std::move(connected)), unread(std::move(arrived)), unsent(std::move(to_send)),
          output_ended(has_shut_down) {}

    socket connection;  // in blocking mode
    buffer unread;      // arrived, and was not received: whole messages, and a partial one at the end
    buffer unsent;      // was sent, and is not with the kernel; may begin inside a message
    bool output_ended;  // shutdown_send() was called
};

// It must be adopted or destroyed before its loop. Thread safety: its loop's thread alone.
class detached_stream {
public:
    // Of a stream, and the bytes that belong to it.
    detached_stream(owned_stream connected, buffer arrived, buffer to_send, bool peer_has_ended,
                    bool has_shut_down) noexcept
        : stream(std::move(connected)), unread(std::move(arrived)), unsent(std::move(to_send)),
          input_ended(peer_has_ended), output_ended(has_shut_down) {}

    owned_stream stream;  // halted; byte_stream::set_user() and an operation continue
    buffer unread;        // arrived, and was not received
    buffer unsent;        // was sent, and the stream has not taken it
    bool input_ended;     // the peer's end was read: nothing comes after `unread`
    bool output_ended;    // shutdown_send() was called
};

}  // namespace weir
