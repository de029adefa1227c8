// Addresses: each text form, each error text, parsing of printed addresses, and a comparison with the C library.
#include "weir/base/address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "weir/base/internal/random.h"

namespace {

using weir::address;
using weir::address_family;
using weir::errc;

// Copying an address may allocate memory for its name. So copying must not be noexcept: std::bad_alloc would end the
// process.
static_assert(!std::is_nothrow_copy_assignable_v<address> && std::is_nothrow_move_assignable_v<address>);

std::string printed(std::string_view text) {
    const auto parsed = address::parse(text);
    return parsed ? parsed->to_string() : "refused: " + parsed.error().message();
}

std::string refusal(std::string_view text) {
    const auto parsed = address::parse(text);
    if (parsed) return "accepted as " + parsed->to_string();
    CHECK(parsed == errc::malformed);
    CHECK(parsed.error().operation() == "address");
    return std::string(parsed.error().detail());
}

std::string random_name(weir::internal::random_source& draw, std::size_t least, bool with_nul) {
    std::string name(draw.between(least, address::longest_local_name), ' ');
    for (auto& c : name) {
        c = draw.one_in(3) ? "@\\x\x7f /:%n"[draw.below(9)] : static_cast<char>(draw.between(with_nul ? 0 : 1, 255));
    }
    return name;
}

std::array<std::uint8_t, 16> random_octets(weir::internal::random_source& draw) {
    std::array<std::uint8_t, 16> octets{};
    const auto sparse = draw.between(1, 4);
    for (auto& octet : octets) octet = draw.one_in(sparse) ? static_cast<std::uint8_t>(draw.below(256)) : 0;
    if (draw.one_in(8)) {
        std::fill(octets.begin(), octets.begin() + 10, std::uint8_t{0});
        octets[10] = octets[11] = 0xff;
    }
    return octets;
}

address random_address(weir::internal::random_source& draw) {
    const auto port = static_cast<std::uint16_t>(draw.below(65536));
    switch (draw.below(5)) {
        case 0: {
            std::array<std::uint8_t, 4> octets{};
            for (auto& octet : octets) octet = static_cast<std::uint8_t>(draw.below(256));
            return address::ipv4(octets, port);
        }
        case 1: return address::ipv6(random_octets(draw), port);
        case 2: {
            const auto octets = random_octets(draw);
            return address::ipv6(octets, port, draw.one_in(2) ? "eth0.100" : "123456789abcdef");
        }
        case 3: return *address::local_path(random_name(draw, 1, false));
        default:
            return draw.one_in(9) ? address::local_unnamed() : *address::local_abstract(random_name(draw, 0, true));
    }
}

}  // namespace

TEST_CASE("every form of an address is read, and printed in its one canonical way") {
    CHECK(printed("127.0.0.1:9000") == "127.0.0.1:9000");
    CHECK(printed("0.0.0.0:0") == "0.0.0.0:0");
    CHECK(printed("255.255.255.255:65535") == "255.255.255.255:65535");
    CHECK(printed("[::1]:9000") == "[::1]:9000");
    CHECK(printed("[::]:1") == "[::]:1");
    CHECK(printed("[0:0:0:0:0:0:0:1]:1") == "[::1]:1");
    CHECK(printed("[2001:DB8::00a1]:80") == "[2001:db8::a1]:80");
    CHECK(printed("[fe80::1%eth0]:80") == "[fe80::1%eth0]:80");
    CHECK(printed("[fe80::1%2]:80") == "[fe80::1%2]:80");
    CHECK(printed("[::ffff:1.2.3.4]:80") == "[::ffff:1.2.3.4]:80");
    CHECK(printed("[::ffff:102:304]:80") == "[::ffff:1.2.3.4]:80");
    CHECK(printed("[64:ff9b::1.2.3.4]:80") == "[64:ff9b::102:304]:80");
    CHECK(printed("[1:2:3:4:5:6:1.2.3.4]:80") == "[1:2:3:4:5:6:102:304]:80");
    CHECK(printed("unix:/run/x.sock") == "unix:/run/x.sock");
    CHECK(printed("unix:x.sock") == "unix:x.sock");
    CHECK(printed("unix:a b:80") == "unix:a b:80");
    CHECK(printed("unix:@abstract") == "unix:@abstract");
    CHECK(printed("unix:@") == "unix:@");
    CHECK(printed("unix:") == "unix:");
    CHECK(printed("unix:@a\\x00b") == "unix:@a\\x00b");
    CHECK(printed("unix:\\x40x") == "unix:\\x40x");
    CHECK(printed("unix:@@x") == "unix:@@x");
    CHECK(printed("unix:a\\\\b\\x5C") == "unix:a\\\\b\\\\");
    CHECK(printed("unix:\xc3\xa4") == "unix:\\xc3\\xa4");
}

TEST_CASE("IPv6 is printed as RFC 5952 requires") {
    CHECK(printed("[2001:db8:0:0:1:0:0:1]:1") == "[2001:db8::1:0:0:1]:1");    // the first of equal runs
    CHECK(printed("[2001:0:0:1:0:0:0:1]:1") == "[2001:0:0:1::1]:1");          // the longest run
    CHECK(printed("[2001:db8::1:1:1:1:1]:1") == "[2001:db8:0:1:1:1:1:1]:1");  // no :: for one group
    CHECK(printed("[1::]:1") == "[1::]:1");
    CHECK(printed("[::1:2]:1") == "[::1:2]:1");
    CHECK(printed("[0:0:1::]:1") == "[0:0:1::]:1");
    CHECK(printed("[1:2:3:4:5:6:7::]:1") == "[1:2:3:4:5:6:7:0]:1");
}

TEST_CASE("an address returns its parts") {
    const auto ipv4 = address::ipv4(10, 1, 2, 3, 80);
    CHECK(ipv4.family() == address_family::ipv4);
    CHECK(ipv4.is_ip());
    CHECK(ipv4.port() == 80);
    CHECK(ipv4.ipv4_octets() == std::array<std::uint8_t, 4>{10, 1, 2, 3});
    CHECK(ipv4.with_port(81).to_string() == "10.1.2.3:81");
    const auto ipv6 = *address::parse("[fe80::1%eth0]:80");
    CHECK(ipv6.scope() == "eth0");
    CHECK(ipv6.ipv6_octets()[0] == 0xfe);
    CHECK(ipv6.with_port(7).to_string() == "[fe80::1%eth0]:7");
    CHECK(ipv6.local_name().empty());
    const auto path = *address::parse("unix:\\x40a");
    CHECK(path.is_path());
    CHECK(path.local_name() == "@a");
    CHECK(path.port() == 0);
    CHECK(path.scope().empty());
    const auto abstract = *address::parse("unix:@a\\x00b");
    CHECK(abstract.is_abstract());
    CHECK(abstract.local_name() == std::string_view("a\0b", 3));
    CHECK(address::parse("unix:")->is_unnamed());
    CHECK(address().family() == address_family::none);
    CHECK(address().to_string() == "none");
}

TEST_CASE("is_loopback() and is_any() depend on the IP address, not on the family or the port") {
    for (const auto* const text : {"127.0.0.1:1", "127.255.0.9:0", "[::1]:5", "[::ffff:127.0.0.1]:5"}) {
        CHECK_MESSAGE(address::parse(text)->is_loopback(), text);
        CHECK_FALSE_MESSAGE(address::parse(text)->is_any(), text);
    }
    for (const auto* const text : {"128.0.0.1:1", "[::2]:5", "[1::1]:5", "[::ffff:128.0.0.1]:5", "unix:/x", "unix:"}) {
        CHECK_FALSE_MESSAGE(address::parse(text)->is_loopback(), text);
        CHECK_FALSE_MESSAGE(address::parse(text)->is_any(), text);
    }
    CHECK(address::any_ipv4(80).is_any());
    CHECK(address::any_ipv6(80).is_any());
    CHECK(address::loopback_ipv4(80).to_string() == "127.0.0.1:80");
    CHECK(address::loopback_ipv6(80).to_string() == "[::1]:80");
    CHECK_FALSE(address().is_any());
}

TEST_CASE("text that is not an address is refused with an error that says what to write") {
    const std::vector<std::pair<std::string_view, std::string_view>> refusals{
        {"", "the text is empty: write 127.0.0.1:9000, [::1]:9000, unix:/run/x.sock or unix:@name"},
        {"9000", "this is only a port: write 127.0.0.1:9000 (this machine alone) or 0.0.0.0:9000 (every interface)"},
        {"99999", "the port 99999 is out of range: 0 to 65535"},
        {":9000",
         "there is no host before the port: write 127.0.0.1:9000 (this machine alone) or 0.0.0.0:9000 (every "
         "interface)"},
        {"127.0.0.1", "the port is missing: write 127.0.0.1:9000"},
        {"127.0.0.1:", "the port after the colon is missing: write a number, like :9000"},
        {"127.0.0.1:65536", "the port 65536 is out of range: 0 to 65535"},
        {"127.0.0.1:99999999999999999999999", "the port 99999999999999999999999 is out of range: 0 to 65535"},
        {"127.0.0.1:080", "the port 080 has a leading zero: write 80"},
        {"127.0.0.1:00", "the port 00 has a leading zero: write 0"},
        {"127.0.0.1:80x", "80x is not a port number: write only digits, like 9000"},
        {"127.0.0.1: 80", " 80 is not a port number: write only digits, like 9000"},
        {"127.0.0.1:-1", "-1 is not a port number: write only digits, like 9000"},
        {"256.0.0.1:80", "256 is out of range: the four numbers of an IPv4 address are 0 to 255"},
        {"1.2.3.04:80", "04 has a leading zero, which some programs read as octal: write 4"},
        {"1.2.3.00:80", "00 has a leading zero, which some programs read as octal: write 0"},
        {"1.2.3:80", "an IPv4 address has four numbers, like 127.0.0.1; this one has 3"},
        {"1.2.3.4.5:80", "an IPv4 address has four numbers, like 127.0.0.1; this one has 5"},
        {"127.0.0:80", "an IPv4 address has four numbers, like 127.0.0.1; this one has 3"},
        {"1..2.3:80", "a number is missing in the IPv4 address: it has four, like 127.0.0.1"},
        {"1.2.3.:80", "a number is missing in the IPv4 address: it has four, like 127.0.0.1"},
        {"a.2.3.4:80", "a is not a number: an IPv4 address has four, each 0 to 255, like 127.0.0.1"},
        {"localhost:80", "localhost is a name, not an address: a name must be looked up first"},
        {"example.org", "the port is missing: write example.org:9000"},
        {"*:80", "* is a name for all interfaces, not an address: write 0.0.0.0:80 or [::]:80"},
        {"http://1.2.3.4:80/", "this is a URL: write only its host and port, like 127.0.0.1:9000"},
        {"http://x/", "this is a URL: write only its host and port, like 127.0.0.1:9000"},
        {"http://1.2.3.4/", "this is a URL: write only its host and port, like 127.0.0.1:9000"},
        {"tcp://[::1]:80", "this is a URL: write only its host and port, like 127.0.0.1:9000"},
        {"::1", "an IPv6 address is written in brackets, with the port after them: write [::1]:9000"},
        {"::1:9000", "an IPv6 address is written in brackets, with the port after them: write [::1]:9000"},
        {"fe80::1%eth0", "an IPv6 address is written in brackets, with the port after them: write [::1]:9000"},
        {"1.2.3.4:5:6",
         "there is more than one colon: write 127.0.0.1:9000, or an IPv6 address in brackets, [::1]:9000"},
        {"[::1]", "the port is missing: write [::1]:9000"},
        {"[::1", "the closing bracket is missing: write [::1]:9000"},
        {"[::1]9000", "the bracket is followed by 9000 instead of a colon and a port"},
        {"[::1]:x", "x is not a port number: write only digits, like 9000"},
        {"[]:80", "there is no address between the brackets: write [::1]:9000, or [::]:9000 for all interfaces"},
        {"[127.0.0.1]:80", "brackets are for IPv6: write 127.0.0.1:80"},
        {"[1::2::3]:80", "the IPv6 address has more than one ::"},
        {"[:::]:80", "the IPv6 address has more than one ::"},
        {"[1:2:3]:80", "an IPv6 address needs 8 groups, or :: in place of groups that are 0"},
        {"[1:2:3:4:5:6:7:8:9]:80", "the IPv6 address has more than 8 groups"},
        {"[1:2:3:4:5:6:7:1.2.3.4]:80", "the IPv6 address has more than 8 groups"},
        {"[1:2:3:4::5:6:7:8]:80", "the IPv6 address has 8 groups, so it cannot contain ::"},
        {"[12345::]:80", "12345 is too long: a group of an IPv6 address has 1 to 4 hex digits"},
        {"[g::]:80", "g is not a group of an IPv6 address: a group has 1 to 4 hex digits"},
        {"[:1:2]:80", "a group is missing beside a colon of the IPv6 address; only :: stands for groups of 0"},
        {"[1:2:]:80", "the IPv6 address ends in a colon"},
        {"[::1.2.3.256]:80", "256 is out of range: the four numbers of an IPv4 address are 0 to 255"},
        {"[1.2.3.4::]:80", "1.2.3.4 is not a group of an IPv6 address: a group has 1 to 4 hex digits"},
        {"[fe80::1%]:80",
         " after the % is not an interface: a name of 1 to 15 characters or a number, as in [fe80::1%eth0]:80"},
        {"[fe80::1%0123456789abcdef]:80",
         "0123456789abcdef after the % is not an interface: a name of 1 to 15 characters or a number, as in "
         "[fe80::1%eth0]:80"},
        {"/run/x.sock", "a Unix socket begins with unix: write unix:/run/x.sock"},
        {"@name", "a Unix socket begins with unix: write unix:@name"},
        {"unix:a\\b", "a backslash is followed by something other than \\ or xNN: write \\\\ for a backslash"},
        {"unix:a\\x4", "a backslash is followed by something other than \\ or xNN: write \\\\ for a backslash"},
        {"unix:a\\", "a backslash is followed by something other than \\ or xNN: write \\\\ for a backslash"},
        {"unix:a\\x00b", "a path cannot hold the byte \\x00; an abstract name can, unix:@name"},
    };
    for (const auto& [text, sentence] : refusals) CHECK_MESSAGE(refusal(text) == sentence, text);
    CHECK(address::parse("localhost:80").error().message() ==
          "address localhost:80: localhost is a name, not an address: a name must be looked up first");
    CHECK(address::parse("").error().message().starts_with("address \"\": the text is empty"));
    CHECK(address::parse("a\x1b:1").error().subject() == "\"a\\x1b:1\"");
}

TEST_CASE("a unix name of 107 bytes fits, one of 108 does not") {
    const std::string longest(107, 'x');
    CHECK(address::parse("unix:" + longest)->local_name() == longest);
    CHECK(address::parse("unix:@" + longest)->local_name() == longest);
    CHECK(refusal("unix:" + longest + "x") ==
          "the path has 108 bytes, but the path of a Unix socket has at most 107: use a shorter path, for example a "
          "relative one");
    CHECK(refusal("unix:@" + longest + "x") == "the abstract name has 108 bytes, but it may have at most 107");
    CHECK(address::local_path("") == errc::malformed);
}

TEST_CASE("every address is unchanged after it was printed and parsed") {
    weir::internal::random_source draw(1);
    for (int i = 0; i < 20'000; ++i) {
        const address one = random_address(draw);
        const std::string text = one.to_string();
        const auto again = address::parse(text);
        REQUIRE_MESSAGE(again, text);
        REQUIRE_MESSAGE(*again == one, text);
        REQUIRE(again->hash() == one.hash());
        REQUIRE(again->to_string() == text);
        REQUIRE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    }
}

TEST_CASE("comparing, ordering and hashing an address uses all of its parts") {
    const std::vector<std::string_view> texts{"1.2.3.4:5", "1.2.3.4:6", "1.2.3.5:5",  "[102:304::]:5", "[::1]:5",
                                              "[::1%a]:5", "[::1%b]:5", "unix:",      "unix:@",        "unix:a",
                                              "unix:@a",   "unix:b",    "unix:a\\x20"};
    std::set<address> ordered{address()};
    std::unordered_set<address> hashed{address()};
    std::set<std::size_t> hashes{address().hash()};
    for (const auto text : texts) {
        ordered.insert(*address::parse(text));
        hashed.insert(*address::parse(text));
        hashes.insert(address::parse(text)->hash());
    }
    CHECK(ordered.size() == texts.size() + 1);
    CHECK(hashed.size() == texts.size() + 1);
    CHECK(hashes.size() == texts.size() + 1);
    CHECK(*address::parse("1.2.3.4:6") < *address::parse("1.2.3.5:5"));
}

TEST_CASE("IPv4 is read and printed exactly as inet_pton and inet_ntop do") {
    weir::internal::random_source draw(2);
    int valid = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::array<std::uint8_t, 4> drawn{};
        for (auto& octet : drawn) octet = static_cast<std::uint8_t>(draw.below(256));
        std::string text = address::ipv4(drawn, 0).to_string();
        text.resize(text.size() - 2);
        for (auto changes = draw.below(3); changes != 0 && !text.empty(); --changes) {
            const auto place = draw.below(text.size());
            if (draw.one_in(2)) text[place] = "0123456789.. x"[draw.below(14)];
            else if (draw.one_in(2)) text.erase(place, 1);
            else text.insert(place, 1, "0129.a"[draw.below(6)]);
        }
        std::array<std::uint8_t, 4> octets{};
        const bool expected = ::inet_pton(AF_INET, text.c_str(), octets.data()) == 1;
        const auto parsed = address::parse(text + ":1");
        REQUIRE_MESSAGE(static_cast<bool>(parsed) == expected, text);
        if (!parsed) continue;
        ++valid;
        REQUIRE(parsed->ipv4_octets() == octets);
        std::array<char, INET_ADDRSTRLEN> system{};
        REQUIRE(::inet_ntop(AF_INET, octets.data(), system.data(), system.size()) != nullptr);
        REQUIRE(parsed->to_string() == std::string(system.data()) + ":1");
    }
    CHECK(valid > 10'000);
    CHECK(valid < 40'000);
}

TEST_CASE("IPv6 is read and printed exactly as inet_pton and inet_ntop do, except for ::1.2.3.4") {
    weir::internal::random_source draw(3);
    int valid = 0;
    for (int i = 0; i < 100'000; ++i) {
        std::string text = address::ipv6(random_octets(draw), 0).to_string();
        text = text.substr(1, text.size() - 4);
        for (auto changes = draw.below(4); changes != 0 && !text.empty(); --changes) {
            const auto place = draw.below(text.size());
            if (draw.one_in(2)) text[place] = "0123456789abcdefABCDEF:::.g"[draw.below(27)];
            else if (draw.one_in(2)) text.erase(place, 1);
            else text.insert(place, std::array{"0", ":", "::", "1.2.3.4", "ffff", "."}[draw.below(6)]);
        }
        std::array<std::uint8_t, 16> octets{};
        const bool expected = ::inet_pton(AF_INET6, text.c_str(), octets.data()) == 1;
        const auto parsed = address::parse("[" + text + "]:1");
        REQUIRE_MESSAGE(static_cast<bool>(parsed) == expected, text);
        if (!parsed) continue;
        ++valid;
        REQUIRE_MESSAGE(parsed->ipv6_octets() == octets, text);
        // The C library still prints IPv4-compatible addresses as dotted quads; RFC 4291 has deprecated them.
        if (std::all_of(octets.begin(), octets.begin() + 12, [](auto octet) { return octet == 0; })) continue;
        std::array<char, INET6_ADDRSTRLEN> system{};
        REQUIRE(::inet_ntop(AF_INET6, octets.data(), system.data(), system.size()) != nullptr);
        REQUIRE(parsed->to_string() == "[" + std::string(system.data()) + "]:1");
    }
    CHECK(valid > 20'000);
    CHECK(valid < 90'000);
}

TEST_CASE("a damaged address is an error, or its printed form parses to the same address") {
    weir::internal::random_source draw(4);
    for (int i = 0; i < 50'000; ++i) {
        std::string text = random_address(draw).to_string();
        for (auto changes = draw.between(1, 3); changes != 0 && !text.empty(); --changes) {
            text[draw.below(text.size())] = static_cast<char>(draw.below(256));
        }
        const auto parsed = address::parse(text);
        if (!parsed) {
            REQUIRE_FALSE(parsed.error().detail().empty());
            continue;
        }
        REQUIRE(address::parse(parsed->to_string()));
        REQUIRE(*address::parse(parsed->to_string()) == *parsed);
    }
}
