#include "weir/base/address.h"

#include <algorithm>
#include <charconv>

#include "weir/base/check.h"
#include "weir/base/text.h"

namespace weir {
namespace {

using octets4 = std::array<std::uint8_t, 4>;
using octets16 = std::array<std::uint8_t, 16>;

bool is_printable(char c) noexcept { return c >= ' ' && c <= '~'; }

std::string escape(std::string_view name, bool is_path) {
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '\\') {
            text += "\\\\";
        } else if (!is_printable(name[i]) || (is_path && i == 0 && name[i] == '@')) {
            text += "\\x" + to_hex(name.substr(i, 1));
        } else {
            text += name[i];
        }
    }
    return text;
}

error refuse(const std::string& text, std::string why) {
    return error(errc::malformed, "address", show(text, 160), std::move(why));
}

void append_number(std::string& text, unsigned number, int base = 10) {
    std::array<char, 5> digits{};
    text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr);
}

std::string print_ipv4(const std::uint8_t* octets) {
    std::string text;
    for (int i = 0; i < 4; ++i) {
        if (i != 0) text += '.';
        append_number(text, octets[i]);
    }
    return text;
}

struct run {
    std::size_t begin = 0;
    std::size_t length = 0;
};

// Returns the run of zero groups that "::" replaces (RFC 5952, 4.2). This is the longest run of at least two groups; if
// several are equally long, it is the first one.
run longest_zero_run(const std::array<unsigned, 8>& groups) noexcept {
    run best;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::size_t length = 0;
        while (i + length < groups.size() && groups[i + length] == 0) ++length;
        if (length > best.length) best = {i, length};
    }
    return best.length >= 2 ? best : run{};
}

bool maps_ipv4(const octets16& octets) noexcept {
    return std::all_of(octets.begin(), octets.begin() + 10, [](auto octet) { return octet == 0; }) &&
           octets[10] == 0xff && octets[11] == 0xff;
}

std::string print_ipv6(const octets16& octets) {
    if (maps_ipv4(octets)) return "::ffff:" + print_ipv4(octets.data() + 12);
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = octets[2 * i] * 256u + octets[2 * i + 1];
    const run zeros = longest_zero_run(groups);
    std::string text;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (zeros.length != 0 && i == zeros.begin) {
            text += "::";
            i += zeros.length - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        append_number(text, groups[i], 16);
    }
    return text;
}

}  // namespace

std::string_view to_string(address_family family) noexcept {
    switch (family) {
        case address_family::none: return "none";
        case address_family::ipv4: return "ipv4";
        case address_family::ipv6: return "ipv6";
        case address_family::local: return "local";
    }
    return "none";
}

address address::ipv4(octets4 octets, std::uint16_t port) noexcept {
    address made;
    made.family_ = address_family::ipv4;
    std::copy(octets.begin(), octets.end(), made.octets_.begin());
    made.port_ = port;
    return made;
}

address address::ipv6(const octets16& octets, std::uint16_t port, std::string_view scope) {
    WEIR_CHECK(scope.empty() || valid_scope(scope), "address::ipv6() with a scope that valid_scope() refuses");
    address made;
    made.family_ = address_family::ipv6;
    made.octets_ = octets;
    made.port_ = port;
    made.text_ = rare_text(scope);
    return made;
}

address address::loopback_ipv6(std::uint16_t port) {
    octets16 octets{};
    octets[15] = 1;
    return ipv6(octets, port);
}

result<address> address::local_path(std::string_view path) {
    if (path.empty()) return refuse("unix:", "the path is empty: write unix:/run/x.sock");
    const std::string text = "unix:" + escape(path, true);
    if (path.find('\0') != path.npos)
        return refuse(text, "a path cannot hold the byte \\x00; an abstract name can, unix:@name");
    if (path.size() > longest_local_name) {
        return refuse(text, "the path has " + std::to_string(path.size()) +
                                " bytes, but the path of a Unix socket has at most 107: "
                                "use a shorter path, for example a relative one");
    }
    address made = local_unnamed();
    made.local_ = local_kind::path;
    made.text_ = rare_text(path);
    return made;
}

result<address> address::local_abstract(std::string_view name) {
    if (name.size() > longest_local_name) {
        return refuse("unix:@" + escape(name, false),
                      "the abstract name has " + std::to_string(name.size()) + " bytes, but it may have at most 107");
    }
    address made = local_unnamed();
    made.local_ = local_kind::abstract;
    made.text_ = rare_text(name);
    return made;
}

address address::local_unnamed() noexcept {
    address made;
    made.family_ = address_family::local;
    made.local_ = local_kind::unnamed;
    return made;
}

bool address::valid_scope(std::string_view scope) noexcept {
    return !scope.empty() && scope.size() <= longest_scope && std::all_of(scope.begin(), scope.end(), [](char c) {
        return c > ' ' && c <= '~' && std::string_view("/:[]%").find(c) == std::string_view::npos;
    });
}

address address::with_port(std::uint16_t port) const {
    WEIR_CHECK(is_ip(), "address::with_port() of " + to_string());
    address made = *this;
    made.port_ = port;
    return made;
}

octets4 address::ipv4_octets() const {
    WEIR_CHECK(family_ == address_family::ipv4, "address::ipv4_octets() of " + to_string());
    return {octets_[0], octets_[1], octets_[2], octets_[3]};
}

const octets16& address::ipv6_octets() const {
    WEIR_CHECK(family_ == address_family::ipv6, "address::ipv6_octets() of " + to_string());
    return octets_;
}

bool address::is_mapped() const noexcept { return family_ == address_family::ipv6 && maps_ipv4(octets_); }

bool address::is_loopback() const noexcept {
    if (family_ == address_family::ipv4) return octets_[0] == 127;
    if (family_ != address_family::ipv6) return false;
    if (is_mapped()) return octets_[12] == 127;
    return octets_[15] == 1 && std::all_of(octets_.begin(), octets_.end() - 1, [](auto octet) { return octet == 0; });
}

bool address::is_any() const noexcept {
    return is_ip() && std::all_of(octets_.begin(), octets_.end(), [](auto octet) { return octet == 0; });
}

std::string address::to_string() const {
    switch (family_) {
        case address_family::none: break;
        case address_family::ipv4: {
            std::string text = print_ipv4(octets_.data());
            text += ':';
            append_number(text, port_);
            return text;
        }
        case address_family::ipv6: {
            const std::string percent = scope().empty() ? "" : "%";
            return '[' + print_ipv6(octets_) + percent + std::string(scope()) + "]:" + std::to_string(port_);
        }
        case address_family::local: return (is_abstract() ? "unix:@" : "unix:") + escape(local_name(), is_path());
    }
    return "none";
}

std::size_t address::hash() const noexcept {
    std::uint64_t mixed = std::hash<std::string_view>()(text_.view());
    const auto mix = [&mixed](std::uint64_t more) { mixed = (mixed ^ more) * 0x9e3779b97f4a7c15u ^ (mixed >> 29); };
    for (const auto octet : octets_) mix(octet);
    mix(port_);
    mix(static_cast<std::uint64_t>(family_) * 8 + static_cast<std::uint64_t>(local_));
    return static_cast<std::size_t>(mixed);
}

}  // namespace weir
