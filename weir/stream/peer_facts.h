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

// Names and values, in the order in which they were set. Thread safety: a value.
class peer_facts {
public:
    struct fact {
        std::string name;
        std::string value;
    };

    // Sets a value, or replaces it. Begin the name with wrapper::name() and a dot: "tls.version".
    void set(std::string_view name, std::string value);
    // Makes room for so many more.
    void reserve(std::size_t more) { all_.reserve(all_.size() + more); }
    // Returns the value, or std::nullopt. The view is valid until the next set() and as long as this object. A value
    // may be text of the peer that nothing has checked.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    const std::vector<fact>& all() const noexcept { return all_; }

    // The host that a client has asked for, for a wrapper that verifies it (TLS): connect("example.org:443") sets the
    // fact "host" to "example.org". Empty on a server, and where the program brings the connection.
    std::string_view host() const noexcept { return find("host").value_or(std::string_view()); }

    // Sets the address of the client behind a proxy; channel::peer() then returns it instead of the proxy's. Believe
    // only proxies that you know (handshake::below().peer_address()): any client can send a header.
    void set_address(weir::address one) { address_ = std::move(one); }
    const std::optional<weir::address>& address() const noexcept { return address_; }

private:
    std::vector<fact> all_;
    std::optional<weir::address> address_;
};

}  // namespace weir
