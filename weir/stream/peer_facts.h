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

// Names and values. They lie in one piece of memory, because each connection has them. Thread safety: a value.
class peer_facts {
public:
    // One of them, as views.
    struct fact {
        std::string_view name;   // "tls.version"
        std::string_view value;  // any bytes
    };

    // Sets a value, or replaces it. Begin the name with wrapper::name() and a dot: "tls.version". Any bytes will do.
    void set(std::string_view name, std::string_view value);
    // Makes room for so many bytes more, of names and values.
    void reserve(std::size_t more_bytes);
    // Returns the value, or std::nullopt. The view is valid until the next set() and as long as this object. A value
    // may be text of the peer that nothing has checked.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    // In the order in which they were set last. The views are valid as those of find().
    std::vector<fact> all() const;

    // The host that a client has requested, for a wrapper that verifies it (TLS): connect("example.org:443") sets the
    // fact "host" to "example.org". Empty on a server, and where the program brings the connection.
    std::string_view host() const noexcept { return find("host").value_or(std::string_view()); }

    // Sets the address of the client behind a proxy; channel::peer() then returns it instead of the proxy's. Trust
    // only proxies that you know (handshake::below().peer_address()): any client can send a header.
    void set_address(weir::address one) { address_ = std::move(one); }
    const std::optional<weir::address>& address() const noexcept { return address_; }

private:
    // Returns the fact whose sizes are at `place`, and moves `place` behind it.
    fact next(std::size_t& place) const noexcept;

    std::string packed_;  // of each: the sizes of name and value, and both
    std::optional<weir::address> address_;
};

}  // namespace weir
