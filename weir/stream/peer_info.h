// Information about the peer of a channel: its address, its credentials, and what the wrappers found out.
#pragma once

#include <string>

#include "weir/base/address.h"
#include "weir/base/result.h"
#include "weir/socket/credentials.h"
#include "weir/stream/peer_facts.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {
class channel_core;
}

// The address, the credentials and the facts of a peer. It refers to its channel, so do not use it after the channel
// was destroyed. Thread safety: its loop's thread alone.
class peer_info {
public:
    // For the library.
    explicit peer_info(const internal::channel_core& of) noexcept : of_(of) {}

    // The address that a wrapper has set (the client behind a proxy), or else the address of the socket's other end. It
    // is still available after the connection has ended. The reference is valid as long as the channel exists;
    // replace_stream() may change the address.
    const weir::address& address() const noexcept;
    // The text of address().
    std::string to_string() const { return address().to_string(); }
    // The process that was at the other end of a Unix socket when it was connected (SO_PEERCRED, unix(7)). Errors:
    // unsupported for other connections; cancelled, when the channel has closed its stream.
    result<weir::credentials> credentials() const;
    // What the wrappers found out; empty without wrappers. The reference is valid as long as the channel exists. Views
    // of values are valid until replace_stream().
    const peer_facts& facts() const noexcept;

private:
    const internal::channel_core& of_;
};

}  // namespace weir
