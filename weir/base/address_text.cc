// Parses the text of an address strictly. Each error describes what is wrong and what to write instead.
#include <algorithm>
#include <charconv>
#include <optional>

#include "weir/base/address.h"
#include "weir/base/text.h"

namespace weir {
namespace {

using octets4 = std::array<std::uint8_t, 4>;
using octets16 = std::array<std::uint8_t, 16>;

// The functions below whose names begin with read_ store what they read. They return an empty text on success,
// otherwise a description of the error.

constexpr std::string_view examples = "write 127.0.0.1:9000, [::1]:9000, unix:/run/x.sock or unix:@name";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";

// Shows at most 160 bytes of the text.
std::string show(std::string_view text) { return weir::show(text, 160); }

error refuse(std::string_view text, std::string why) {
    return error(errc::malformed, "address", show(text), std::move(why));
}

std::string read_octet(std::string_view text, std::uint8_t& octet) {
    if (text.empty()) return "a number is missing in the IPv4 address: it has four, like 127.0.0.1";
    if (!all_digits(text)) {
        return show(text) + " is not a number: an IPv4 address has four, each 0 to 255, like 127.0.0.1";
    }
    const auto digits = text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
    if (digits.size() != text.size()) {
        return show(text) + " has a leading zero, which some programs read as octal: write " + show(digits);
    }
    const auto value = parse_unsigned(text);
    if (!value || *value > 255) {
        return show(text) + " is out of range: the four numbers of an IPv4 address are 0 to 255";
    }
    octet = static_cast<std::uint8_t>(*value);
    return {};
}

std::string read_ipv4(std::string_view text, octets4& octets) {
    const auto dots = std::count(text.begin(), text.end(), '.');
    if (dots != 3) {
        return "an IPv4 address has four numbers, like 127.0.0.1; this one has " + std::to_string(dots + 1);
    }
    for (auto& octet : octets) {
        const auto dot = std::min(text.find('.'), text.size());
        if (auto wrong = read_octet(text.substr(0, dot), octet); !wrong.empty()) return wrong;
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return {};
}

// Reads the groups on one side of "::", or all groups, two octets each. If `at_end` is true, the last group may be a
// dotted quad.
std::string read_groups(std::string_view text, bool at_end, octets16& octets, std::size_t& count) {
    count = 0;
    while (!text.empty()) {
        const auto colon = text.find(':');
        const auto group = text.substr(0, colon);
        const bool last = colon == std::string_view::npos;
        if (last && at_end && group.find('.') != std::string_view::npos) {
            octets4 embedded{};
            if (count + 4 > octets.size()) return "the IPv6 address has more than 8 groups";
            if (auto wrong = read_ipv4(group, embedded); !wrong.empty()) return wrong;
            std::copy(embedded.begin(), embedded.end(), octets.begin() + static_cast<std::ptrdiff_t>(count));
            count += 4;
            return {};
        }
        if (group.empty())
            return "a group is missing beside a colon of the IPv6 address; only :: stands for groups of 0";
        if (group.find_first_not_of(hex_digits) != std::string_view::npos) {
            return show(group) + " is not a group of an IPv6 address: a group has 1 to 4 hex digits";
        }
        if (group.size() > 4) return show(group) + " is too long: a group of an IPv6 address has 1 to 4 hex digits";
        if (count + 2 > octets.size()) return "the IPv6 address has more than 8 groups";
        unsigned value = 0;
        std::from_chars(group.data(), group.data() + group.size(), value, 16);
        octets[count++] = static_cast<std::uint8_t>(value >> 8);
        octets[count++] = static_cast<std::uint8_t>(value & 255);
        if (last) return {};
        text.remove_prefix(colon + 1);
        if (text.empty()) return "the IPv6 address ends in a colon";
    }
    return {};
}

std::string read_ipv6(std::string_view text, octets16& octets) {
    octets = {};
    if (text.empty())
        return "there is no address between the brackets: write [::1]:9000, or [::]:9000 for all interfaces";
    std::size_t count = 0;
    const auto gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (auto wrong = read_groups(text, true, octets, count); !wrong.empty()) return wrong;
        if (count == octets.size()) return {};
        return "an IPv6 address needs 8 groups, or :: in place of groups that are 0";
    }
    octets16 tail{};
    std::size_t tail_count = 0;
    if (text.find("::", gap + 1) != std::string_view::npos) return "the IPv6 address has more than one ::";
    if (auto wrong = read_groups(text.substr(0, gap), false, octets, count); !wrong.empty()) return wrong;
    if (auto wrong = read_groups(text.substr(gap + 2), true, tail, tail_count); !wrong.empty()) return wrong;
    if (count + tail_count >= octets.size()) return "the IPv6 address has 8 groups, so it cannot contain ::";
    std::copy_n(tail.begin(), tail_count, octets.end() - static_cast<std::ptrdiff_t>(tail_count));
    return {};
}

std::string read_port(std::string_view text, std::uint16_t& port) {
    if (text.empty()) return "the port after the colon is missing: write a number, like :9000";
    if (!all_digits(text)) return show(text) + " is not a port number: write only digits, like 9000";
    const auto digits = text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
    const auto value = parse_unsigned(digits);
    if (!value || *value > 65535) return "the port " + show(text) + " is out of range: 0 to 65535";
    if (digits.size() != text.size()) return "the port " + show(text) + " has a leading zero: write " + show(digits);
    port = static_cast<std::uint16_t>(*value);
    return {};
}

// Returns whether the host is meant as an IPv4 address, because its last label is a number. No host name ends in a
// number (RFC 1123, 2.1).
bool meant_as_ipv4(std::string_view host) noexcept {
    const auto dot = host.rfind('.');
    const auto label = dot == std::string_view::npos ? host : host.substr(dot + 1);
    return all_digits(label) || (label.empty() && all_digits(host.substr(0, host.find('.'))));
}

// Parses [v6]:port and [v6%scope]:port.
result<address> parse_bracketed(std::string_view text) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return refuse(text, "the closing bracket is missing: write [::1]:9000");
    std::string_view host = text.substr(1, bracket - 1);
    const std::string_view behind = text.substr(bracket + 1);
    std::string_view scope;
    if (const auto percent = host.find('%'); percent != std::string_view::npos) {
        scope = host.substr(percent + 1);
        host = host.substr(0, percent);
        if (!address::valid_scope(scope)) {
            return refuse(text, show(scope) +
                                    " after the % is not an interface: a name of 1 to 15 characters or a number, "
                                    "as in [fe80::1%eth0]:80");
        }
    }
    octets16 octets{};
    octets4 quad{};
    if (auto wrong = read_ipv6(host, octets); !wrong.empty()) {
        if (read_ipv4(host, quad).empty()) wrong = "brackets are for IPv6: write " + show(host) + show(behind);
        return refuse(text, std::move(wrong));
    }
    if (behind.empty()) return refuse(text, "the port is missing: write " + show(text) + ":9000");
    if (behind[0] != ':')
        return refuse(text, "the bracket is followed by " + show(behind) + " instead of a colon and a port");
    std::uint16_t port = 0;
    if (auto wrong = read_port(behind.substr(1), port); !wrong.empty()) return refuse(text, std::move(wrong));
    return address::ipv6(octets, port, scope);
}

// Returns the bytes of a Unix name with its escapes decoded, or nothing if an escape is invalid.
std::optional<std::string> unescape(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            name += text[i];
        } else if (text.substr(i, 2) == "\\\\") {
            name += '\\';
            i += 1;
        } else {
            const auto byte = text.substr(i, 2) == "\\x" ? parse_hex(text.substr(i + 2, 2)) : std::nullopt;
            if (!byte || byte->empty()) return std::nullopt;
            name += static_cast<char>((*byte)[0]);
            i += 3;
        }
    }
    return name;
}

result<address> parse_local(std::string_view text) {
    const std::string_view written = text.substr(5);
    if (written.empty()) return address::local_unnamed();
    const bool is_abstract = written[0] == '@';
    const auto name = unescape(written.substr(is_abstract ? 1 : 0));
    if (!name)
        return refuse(text, "a backslash is followed by something other than \\ or xNN: write \\\\ for a backslash");
    auto parsed = is_abstract ? address::local_abstract(*name) : address::local_path(*name);
    if (!parsed) return parsed.error().during("address", show(text));
    return parsed;
}

// Explains what is wrong with a text that has no colon, by guessing what the text was meant to be.
std::string explain_no_colon(std::string_view text) {
    octets4 quad{};
    if (all_digits(text)) {
        std::uint16_t port = 0;
        if (auto wrong = read_port(text, port); !wrong.empty()) return wrong;
        return "this is only a port: write 127.0.0.1:" + show(text) + " (this machine alone) or 0.0.0.0:" + show(text) +
               " (every interface)";
    }
    if (text[0] == '@' || text.find('/') != std::string_view::npos) {
        return "a Unix socket begins with unix: write unix:" + show(text);
    }
    if (meant_as_ipv4(text)) {
        if (auto wrong = read_ipv4(text, quad); !wrong.empty()) return wrong;
        return "the port is missing: write " + show(text) + ":9000";
    }
    return "the port is missing: write " + show(text) + ":9000";
}

std::string explain_colons(std::string_view text) {
    octets16 octets{};
    const std::string_view host = text.substr(0, text.find('%'));
    if (read_ipv6(host, octets).empty()) {
        return "an IPv6 address is written in brackets, with the port after them: write [::1]:9000";
    }
    return "there is more than one colon: write 127.0.0.1:9000, or an IPv6 address in brackets, [::1]:9000";
}

result<address> parse_ipv4(std::string_view text) {
    const auto colon = text.find(':');
    const std::string_view host = text.substr(0, colon);
    const std::string_view behind = text.substr(colon + 1);
    if (host.empty()) {
        return refuse(text, "there is no host before the port: write 127.0.0.1:" + show(behind) +
                                " (this machine alone) or 0.0.0.0:" + show(behind) + " (every interface)");
    }
    if (host == "*") {
        return refuse(text, "* is a name for all interfaces, not an address: write 0.0.0.0:" + show(behind) +
                                " or [::]:" + show(behind));
    }
    if (!meant_as_ipv4(host)) {
        return refuse(text, show(host) + " is a name, not an address: a name must be looked up first");
    }
    octets4 octets{};
    std::uint16_t port = 0;
    if (auto wrong = read_ipv4(host, octets); !wrong.empty()) return refuse(text, std::move(wrong));
    if (auto wrong = read_port(behind, port); !wrong.empty()) return refuse(text, std::move(wrong));
    return address::ipv4(octets, port);
}

}  // namespace

result<address> address::parse(std::string_view text) {
    if (text.empty()) return error(errc::malformed, "address", "\"\"", "the text is empty: " + std::string(examples));
    if (text.starts_with("unix:")) return parse_local(text);
    if (text[0] == '[') return parse_bracketed(text);
    if (text.find("://") != std::string_view::npos)
        return refuse(text, "this is a URL: write only its host and port, like 127.0.0.1:9000");
    switch (std::count(text.begin(), text.end(), ':')) {
        case 0: return refuse(text, explain_no_colon(text));
        case 1: return parse_ipv4(text);
        default: return refuse(text, explain_colons(text));
    }
}

}  // namespace weir
