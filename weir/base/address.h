// An address as a value: IPv4, IPv6 (with scope), or a Unix name. Parsed strictly, printed so that parsing gives the
// same value back. It looks up no name, translates no interface and knows no system header: that is weir/socket/.
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

enum class address_family : std::uint8_t {
    none,   // no address: a default-constructed one
    ipv4,   // AF_INET
    ipv6,   // AF_INET6
    local,  // AF_UNIX
};

// "ipv4", "ipv6", "local", "none".
std::string_view to_string(address_family family) noexcept;

// Invariant: only ipv6 has a scope, only local has a name, port() is 0 for local and none.
// Thread safety: a value.
class address {
public:
    // Longest path or abstract name in bytes: sun_path of unix(7) holds 108, one of them the NUL behind or in front.
    static constexpr std::size_t longest_local_name = 107;
    // Longest scope: an interface name, netdevice(7), IFNAMSIZ without its NUL.
    static constexpr std::size_t longest_scope = 15;

    // None: not an address of anything; prints as "none", which does not parse.
    address() noexcept = default;

    // Text forms, all of them:
    //   127.0.0.1:9000           dotted quad as inet_pton(3) takes it, no leading zeros
    //   [::1]:9000               RFC 4291, embedded IPv4 too
    //   [fe80::1%eth0]:80        scope: an interface's name or number, kept as text
    //   unix:/run/x.sock         a path, absolute or not
    //   unix:@name               an abstract name (Linux, unix(7)); `unix:@` is the empty one
    //   unix:                    unnamed: binding to it lets Linux choose an abstract name ("autobind")
    // In unix names \xNN is that byte and \\ a backslash: `unix:\x40` is the path "@".
    // The error is errc::malformed, operation "address", subject the text; its detail says what is wrong and what to
    // write instead. A host name is refused: weir::resolve() takes names.
    static result<address> parse(std::string_view text);

    static address ipv4(std::array<std::uint8_t, 4> octets, std::uint16_t port) noexcept;
    static address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) noexcept {
        return ipv4(std::array{a, b, c, d}, port);
    }
    // Octets in network order. A scope that valid_scope() refuses is a WEIR_CHECK.
    static address ipv6(const std::array<std::uint8_t, 16>& octets, std::uint16_t port, std::string_view scope = {});
    static address any_ipv4(std::uint16_t port) noexcept { return ipv4(0, 0, 0, 0, port); }
    static address any_ipv6(std::uint16_t port) { return ipv6({}, port); }
    static address loopback_ipv4(std::uint16_t port) noexcept { return ipv4(127, 0, 0, 1, port); }
    static address loopback_ipv6(std::uint16_t port);

    // Unix names, as bytes without escapes. errc::malformed when longer than longest_local_name, and for a path also
    // when empty or with a NUL inside.
    static result<address> local_path(std::string_view path);
    static result<address> local_abstract(std::string_view name);
    static address local_unnamed() noexcept;

    // True for 1 to 15 printable ASCII characters without space and / : [ ] %
    static bool valid_scope(std::string_view scope) noexcept;

    address_family family() const noexcept { return family_; }
    bool is_ip() const noexcept { return family_ == address_family::ipv4 || family_ == address_family::ipv6; }
    bool is_path() const noexcept { return local_ == local_kind::path; }
    bool is_abstract() const noexcept { return local_ == local_kind::abstract; }
    bool is_unnamed() const noexcept { return local_ == local_kind::unnamed; }

    std::uint16_t port() const noexcept { return port_; }
    // The same address with another port. For ipv4 and ipv6 only; else a WEIR_CHECK.
    address with_port(std::uint16_t port) const;

    // In network order. Asking another family is a WEIR_CHECK.
    std::array<std::uint8_t, 4> ipv4_octets() const;
    const std::array<std::uint8_t, 16>& ipv6_octets() const;
    // Views of this address, valid as long as it is neither changed nor destroyed.
    std::string_view scope() const noexcept {
        return family_ == address_family::ipv6 ? text_.view() : std::string_view();
    }
    std::string_view local_name() const noexcept {
        return family_ == address_family::local ? text_.view() : std::string_view();
    }

    // An IPv4 address as IPv6 has it, ::ffff:1.2.3.4 (RFC 4291, 2.5.5.2): an IPv4 client of a socket for both families.
    bool is_mapped() const noexcept;
    // 127.0.0.0/8, ::1, or the first mapped into IPv6. False for Unix addresses.
    bool is_loopback() const noexcept;
    // 0.0.0.0 or ::, "all interfaces" when bound; whatever the port.
    bool is_any() const noexcept;

    // IPv6 as RFC 5952 says (v4-mapped as ::ffff:1.2.3.4); in unix names everything but printable ASCII is escaped.
    std::string to_string() const;

    std::size_t hash() const noexcept;
    // By family, then name or number, then port. 127.0.0.1 and ::ffff:127.0.0.1 differ, and so do scopes by text.
    friend auto operator<=>(const address&, const address&) noexcept = default;
    friend bool operator==(const address&, const address&) noexcept = default;

private:
    enum class local_kind : std::uint8_t { not_local, unnamed, path, abstract };

    // A text that few addresses have: a pointer where there is none.
    class rare_text {
    public:
        rare_text() noexcept = default;
        explicit rare_text(std::string_view text) {
            if (!text.empty()) kept_ = std::make_unique<const std::string>(text);
        }
        rare_text(const rare_text& other) : rare_text(other.view()) {}
        rare_text(rare_text&&) noexcept = default;
        // Two of them: with one by value, a class with a member of this type would promise that its copying does not
        // throw.
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
    std::array<std::uint8_t, 16> octets_{};  // ipv4 in the first four
    std::uint16_t port_ = 0;
    rare_text text_;  // the scope of ipv6, the name of local
};

}  // namespace weir

template <>
struct std::hash<weir::address> {
    std::size_t operator()(const weir::address& one) const noexcept { return one.hash(); }
};
