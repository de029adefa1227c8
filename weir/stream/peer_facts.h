// What the wrappers of a connection found out about its peer, for the handler.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/address.h"

namespace [[gnu::visibility("default")]] weir {

// Pairs of a name and a value. One allocation holds all pairs, because each connection may have such an object. Thread
// safety: a value.
class peer_facts {
public:
    // One fact, as views.
    struct fact {
        std::string_view name;   // "tls.version"
        std::string_view value;  // any bytes
    };

    // Sets or replaces a value, which may be any bytes. The name should begin with wrapper::name() and a dot:
    // "tls.version".
    void set(std::string_view name, std::string_view value);
    // Reserves memory for this many more bytes of names and values.
    void reserve(std::size_t more_bytes);
    // Returns the value, or std::nullopt. The view is valid until the next set(), and only while this object exists. A
    // value may be unchecked text from the peer.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    // Returns all facts, in the order in which they were last set. The views are valid as long as those of find().
    std::vector<fact> all() const;

    // The host that a client has requested, for a wrapper that verifies it (TLS): connect("example.org:443") sets the
    // fact "host" to "example.org". Empty on a server, and for a connection that the program passes to adopt().
    std::string_view host() const noexcept { return find("host").value_or(std::string_view()); }

    // Sets the address of the client behind a proxy; channel::peer() then returns it instead of the proxy's. Trust
    // only proxies that you know (handshake::below().peer_address()): any client can send a header.
    void set_address(weir::address one) { address_ = std::move(one); }
    // The address that was set, if any.
    const std::optional<weir::address>& address() const noexcept { return address_; }

private:
    // Returns the fact whose sizes are at `place`, and moves `place` past it.
    fact next(std::size_t& place) const noexcept;

    std::string packed_;  // for each fact: the sizes of name and value, the name, the value
    std::optional<weir::address> address_;
};

}  // namespace weir
