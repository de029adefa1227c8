// What a channel knows of its peer.
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
    explicit peer_info(const internal::channel_core& of) noexcept : of_(of) {}

    // The address, also after the end of the connection. Behind a proxy it is what a wrapper found out, else that of
    // the other end. It is valid as long as the channel.
    const weir::address& address() const noexcept;
    std::string to_string() const { return address().to_string(); }
    // The process at the other end of a Unix socket when it was connected, as verified by the kernel. Errors:
    // unsupported for other connections; cancelled, when the connection has ended.
    result<weir::credentials> credentials() const;
    // What the wrappers found out; empty without wrappers. It is valid as long as the channel, or until its
    // replace_stream().
    const peer_facts& facts() const noexcept;

private:
    const internal::channel_core& of_;
};

}  // namespace weir
