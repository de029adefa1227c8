#include "weir/sim/names.h"

#include <algorithm>
#include <optional>

#include "weir/base/text.h"

namespace weir::sim::internal {
namespace {

error unknown(std::string_view text, std::string what) {
    return error(errc::not_found, "resolve", std::string(text), "there is no " + std::move(what));
}

bool may_be_name(std::string_view host) {
    return !host.empty() && host.find_first_of("[]%/@:*\\ ") == host.npos &&
           host.find_first_not_of("0123456789.") != host.npos;
}

}  // namespace

result<std::vector<address>> addresses_of(std::string_view text,
                                          const std::map<std::string, std::vector<address>>& names) {
    const auto parsed = address::parse(text);
    if (parsed) return std::vector{*parsed};
    const auto colon = text.rfind(':');
    if (text.starts_with("unix:") || colon == text.npos) return parsed.error().during("resolve", std::string(text));
    const std::string host(text.substr(0, colon));
    const auto number = parse_unsigned(text.substr(colon + 1));
    if (host != "*" && !may_be_name(host)) return parsed.error().during("resolve", std::string(text));
    if (!number || *number > 65'535) return unknown(text, "service " + quote(text.substr(colon + 1)));
    const auto port = static_cast<std::uint16_t>(*number);
    if (host == "*") return std::vector{address::any_ipv6(port), address::any_ipv4(port)};
    if (host == "localhost") return std::vector{address::loopback_ipv6(port), address::loopback_ipv4(port)};
    const auto known = names.find(host);
    if (known == names.end() || known->second.empty()) return unknown(text, "host " + quote(host));
    std::vector<address> found = known->second;
    for (auto& one : found)
        if (one.is_ip()) one = one.with_port(port);
    return found;
}

address host_of(const address& one) { return one.is_ip() ? one.with_port(0) : one; }

address as_seen_from(const address& bound, const address& other) {
    if (bound.family() != address_family::ipv6 || other.family() != address_family::ipv4) return other;
    std::array<std::uint8_t, 16> mapped{};
    mapped[10] = mapped[11] = 0xff;
    const auto octets = other.ipv4_octets();
    std::copy(octets.begin(), octets.end(), mapped.begin() + 12);
    return address::ipv6(mapped, other.port());
}

}  // namespace weir::sim::internal
