// A connection that a channel gave away, see channel::detach(). adopt() makes a channel of it again, in this or in
// another process: the bytes are what the kernel does not have.
#pragma once

#include "weir/base/buffer.h"
#include "weir/loop/byte_stream.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// The bytes are as they are on the wire. Thread safety: a value.
class detached_connection {
public:
    detached_connection(socket one, buffer arrived, buffer to_send) noexcept
        : connection(std::move(one)), unread(std::move(arrived)), unsent(std::move(to_send)) {}

    socket connection;  // which blocks
    buffer unread;      // arrived, and was not received: whole messages, and a partial one at the end
    buffer unsent;      // was sent, and is not with the kernel; may begin inside a message
};

// Thread safety: its loop's thread alone.
class detached_stream {
public:
    detached_stream(owned_stream one, buffer arrived, buffer to_send, bool ended) noexcept
        : stream(std::move(one)), unread(std::move(arrived)), unsent(std::move(to_send)), has_ended(ended) {}

    owned_stream stream;
    buffer unread;
    buffer unsent;
    bool has_ended;  // the peer's end was read: nothing comes after `unread`
};

}  // namespace weir
