// An address as a value: IPv4, IPv6 (with scope), or a Unix name. Parsing is strict, and printed text parses to the
// same value. This file resolves no host names, looks up no interfaces and includes no system header; weir/socket/ does
// that.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// The kind of an address, and of the socket that uses it.
enum class address_family : std::uint8_t {
    none,   // no address, such as a default-constructed one
    ipv4,   // AF_INET
    ipv6,   // AF_INET6
    local,  // AF_UNIX
};

// Returns "ipv4", "ipv6", "local" or "none".
std::string_view to_string(address_family family) noexcept;

// The address of a socket. Invariant: only ipv6 has a scope, only local has a name, port() is 0 for local and none.
// Thread safety: a value.
class address {
public:
    // The longest path or abstract name, in bytes. sun_path of unix(7) holds 108 bytes; one of them is the NUL after a
    // path or before an abstract name.
    static constexpr std::size_t longest_local_name = 107;
    // The longest scope, in bytes. A scope is an interface name, which netdevice(7) limits to IFNAMSIZ bytes, 16 with
    // the NUL.
    static constexpr std::size_t longest_scope = 15;

    // Makes an address whose family is none. It prints as "none", which parse() does not accept.
    address() noexcept = default;

    // Parses an address in one of these forms:
    //   127.0.0.1:9000           dotted quad as inet_pton(3) accepts it, no leading zeros
    //   [::1]:9000               RFC 4291, also with embedded IPv4
    //   [fe80::1%eth0]:80        scope: an interface's name or number, kept as text
    //   unix:/run/x.sock         a path, absolute or relative
    //   unix:@name               an abstract name (Linux, unix(7)); `unix:@` is the empty one
    //   unix:                    unnamed: when it is bound, Linux chooses an abstract name ("autobind")
    // In Unix names \xNN is the byte with that hex value, and \\ is a backslash: `unix:\x40` is the path "@". On
    // failure, parse() returns errc::malformed with the operation "address" and the text as subject. The detail
    // describes what is wrong and what to write instead. Host names are refused; weir::resolve() accepts them.
    static result<address> parse(std::string_view text);

    // Makes an IPv4 address. The octets are in the order in which they are written (network byte order).
    static address ipv4(std::array<std::uint8_t, 4> octets, std::uint16_t port) noexcept;
    static address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) noexcept {
        return ipv4(std::array{a, b, c, d}, port);
    }
    // Makes an IPv6 address from `octets` in network byte order. A non-empty scope that valid_scope() rejects fails a
    // WEIR_CHECK.
    static address ipv6(const std::array<std::uint8_t, 16>& octets, std::uint16_t port, std::string_view scope = {});
    // Makes one of the wildcard addresses 0.0.0.0 and ::, which mean all interfaces of this machine, or one of the
    // loopback addresses 127.0.0.1 and ::1.
    static address any_ipv4(std::uint16_t port) noexcept { return ipv4(0, 0, 0, 0, port); }
    static address any_ipv6(std::uint16_t port) { return ipv6({}, port); }
    static address loopback_ipv4(std::uint16_t port) noexcept { return ipv4(127, 0, 0, 1, port); }
    static address loopback_ipv6(std::uint16_t port);

    // Makes an address from a Unix name, which is given without escapes. The error is errc::malformed if the name is
    // longer than longest_local_name, or if a path is empty or contains a NUL.
    static result<address> local_path(std::string_view path);
    static result<address> local_abstract(std::string_view name);
    static address local_unnamed() noexcept;

    // Returns whether `scope` has 1 to 15 printable ASCII characters, none of which is / : [ ] % or a space.
    static bool valid_scope(std::string_view scope) noexcept;

    // Returns the family of the address. It is local for paths, abstract names and unnamed addresses.
    address_family family() const noexcept { return family_; }
    bool is_ip() const noexcept { return family_ == address_family::ipv4 || family_ == address_family::ipv6; }
    bool is_path() const noexcept { return local_ == local_kind::path; }
    bool is_abstract() const noexcept { return local_ == local_kind::abstract; }
    bool is_unnamed() const noexcept { return local_ == local_kind::unnamed; }

    // Returns the port; 0 for local and none.
    std::uint16_t port() const noexcept { return port_; }
    // Returns the same address with another port. A family other than ipv4 and ipv6 fails a WEIR_CHECK.
    address with_port(std::uint16_t port) const;

    // Returns the octets in network byte order. A call on an address of another family fails a WEIR_CHECK.
    std::array<std::uint8_t, 4> ipv4_octets() const;
    const std::array<std::uint8_t, 16>& ipv6_octets() const;
    // Returns the scope of an IPv6 address, or the name of a local one without escapes. The view is valid until this
    // address is changed or destroyed. It is empty for an address of another family.
    std::string_view scope() const noexcept {
        return family_ == address_family::ipv6 ? text_.view() : std::string_view();
    }
    std::string_view local_name() const noexcept {
        return family_ == address_family::local ? text_.view() : std::string_view();
    }

    // Returns true for an IPv4 address in IPv6 form, ::ffff:1.2.3.4 (RFC 4291, 2.5.5.2). An IPv6 socket that also
    // accepts IPv4 reports IPv4 clients in this form.
    bool is_mapped() const noexcept;
    // Returns true for 127.0.0.0/8, for ::1, and for 127.0.0.0/8 mapped into IPv6.
    bool is_loopback() const noexcept;
    // Returns true for 0.0.0.0 and ::, with any port. A socket that is bound to such an address uses all interfaces.
    bool is_any() const noexcept;

    // Prints the address. IPv6 is printed as in RFC 5952 (v4-mapped as ::ffff:1.2.3.4). In Unix names a backslash, a
    // byte that is not printable ASCII, and a leading @ of a path are escaped.
    std::string to_string() const;

    // Returns a hash for containers; equal addresses have equal hashes. std::hash uses this function.
    std::size_t hash() const noexcept;
    // Orders addresses by family, kind of Unix name, octets, port, and then scope or name. 127.0.0.1 and
    // ::ffff:127.0.0.1 differ. Scopes compare as text.
    friend auto operator<=>(const address&, const address&) noexcept = default;
    friend bool operator==(const address&, const address&) noexcept = default;

private:
    enum class local_kind : std::uint8_t { not_local, unnamed, path, abstract };

    // The text of an address: its scope or its name. Most addresses have no text; an empty text is stored as a null
    // pointer.
    class rare_text {
    public:
        rare_text() noexcept = default;
        explicit rare_text(std::string_view text) {
            if (!text.empty()) kept_ = std::make_unique<const std::string>(text);
        }
        rare_text(const rare_text& other) : rare_text(other.view()) {}
        rare_text(rare_text&&) noexcept = default;
        // Copy assignment and move assignment are separate operators. With a single by-value operator, the copy
        // assignment of a class with a member of this type would be noexcept.
        rare_text& operator=(const rare_text& other) { return *this = rare_text(other); }
        rare_text& operator=(rare_text&&) noexcept = default;
        std::string_view view() const noexcept { return kept_ == nullptr ? std::string_view() : *kept_; }
        friend std::strong_ordering operator<=>(const rare_text& one, const rare_text& other) noexcept {
            return one.view() <=> other.view();
        }
        friend bool operator==(const rare_text& one, const rare_text& other) noexcept {
            return one.view() == other.view();
        }

    private:
        std::unique_ptr<const std::string> kept_;
    };

    address_family family_ = address_family::none;
    local_kind local_ = local_kind::not_local;
    std::array<std::uint8_t, 16> octets_{};  // ipv4 uses the first four
    std::uint16_t port_ = 0;
    rare_text text_;  // the scope of ipv6 or the name of local
};

}  // namespace weir

template <>
struct std::hash<weir::address> {
    std::size_t operator()(const weir::address& one) const noexcept { return one.hash(); }
};
