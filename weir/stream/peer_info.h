// What a channel has about its peer: address, credentials, and what its wrappers found out.
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

// Do not keep it: it refers to its channel. Thread safety: its loop's thread alone.
class peer_info {
public:
    // For the library.
    explicit peer_info(const internal::channel_core& of) noexcept : of_(of) {}

    // The address that a wrapper set (the client behind a proxy), else that of the socket's other end. It remains after
    // the connection has ended. The reference is valid as long as the channel; replace_stream() may change it.
    const weir::address& address() const noexcept;
    std::string to_string() const { return address().to_string(); }
    // The process that was at the other end of a Unix socket when it was connected (SO_PEERCRED, unix(7)). Errors:
    // unsupported for other connections; cancelled, when the channel has closed its stream.
    result<weir::credentials> credentials() const;
    // What the wrappers found out; empty without wrappers. The reference is valid as long as the channel; views of
    // values until replace_stream().
    const peer_facts& facts() const noexcept;

private:
    const internal::channel_core& of_;
};

}  // namespace weir
