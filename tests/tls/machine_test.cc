// The machine of TLS alone: two of them, and what goes between them, in every way to cut it.
#include "weir/tls/internal/tls_machine.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/tls/authority.h"

using namespace weir;
using namespace weir_test;
using internal::tls_context;
using internal::tls_machine;
using step = tls_machine::step;

namespace {

const authority& root() {
    static const authority one("root of tests");
    return one;
}

std::shared_ptr<const tls_context> a_server(tls::server_options how = {}) {
    if (how.certificates.empty()) how.certificates.push_back(root().issue({.names = {"DNS:localhost"}}).with());
    auto made = tls_context::of_server(std::move(how));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    return *made;
}
std::shared_ptr<const tls_context> a_client(tls::client_options how = {}) {
    if (how.authorities_pem.empty() && how.pins.empty() && !how.accept_any_certificate_insecurely)
        how.authorities_pem = root().pem();
    auto made = tls_context::of_client(std::move(how));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    return *made;
}

tls::client_options trusting_root() {
    tls::client_options how;
    how.authorities_pem = root().pem();
    return how;
}

// One side, what it has received and not used, and what it sends.
struct side {
    explicit side(std::shared_ptr<const tls_context> how, const std::string& host = {})
        : machine(std::move(how), host, 443) {}

    tls_machine machine;
    buffer wire;    // from the peer
    buffer output;  // to the peer
    std::string got;
    step last = step::wants_input;
    bool is_shaken = false;

    void go_on() {
        bytes_view input = wire.view();
        if (!is_shaken) {
            last = machine.shake(input, output);
            is_shaken = last == step::done;
        }
        if (is_shaken) {
            for (;;) {
                std::array<std::byte, 1000> room{};
                const auto came = machine.read(input, room, output);
                last = came.how;
                got += std::string_view(reinterpret_cast<const char*>(room.data()), came.size);
                if (last != step::done) break;
            }
        }
        wire.consume(wire.size() - input.size());
    }
    void send(std::string_view text) {
        last = machine.write(bytes_view(text), output);
        REQUIRE(last == step::done);
    }
};

// Moves what one side sends to the other, in pieces of this size, until nobody sends.
void exchange(side& one, side& other, std::size_t piece = 100'000) {
    one.go_on();
    other.go_on();
    while (!one.output.empty() || !other.output.empty()) {
        for (auto [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
            while (!from->output.empty()) {
                const std::size_t size = std::min(piece, from->output.size());
                to->wire.append(from->output.view().first(size));
                from->output.consume(size);
                to->go_on();
                if (to->last == step::failed) break;
            }
        }
        if (one.last == step::failed && other.last == step::failed) break;
        if ((one.last == step::failed && one.output.empty()) || (other.last == step::failed && other.output.empty()))
            break;
    }
}

constexpr tls::version both_versions[] = {tls::version::tls_1_2, tls::version::tls_1_3};

tls::client_options at_most(tls::version newest) {
    tls::client_options how;
    how.newest = newest;
    return how;
}

}  // namespace

TEST_CASE("a handshake and messages both ways, in pieces of each size") {
    for (const auto version : both_versions) {
        for (const std::size_t piece : {1UL, 2UL, 3UL, 5UL, 7UL, 64UL, 1000UL, 100'000UL}) {
            CAPTURE(piece);
            side server(a_server());
            side client(a_client(at_most(version)), "localhost");
            exchange(client, server, piece);
            REQUIRE(client.is_shaken);
            REQUIRE(server.is_shaken);
            CHECK(std::string(SSL_get_version(client.machine.get())) ==
                  (version == tls::version::tls_1_2 ? "TLSv1.2" : "TLSv1.3"));
            client.send("hello");
            server.send(std::string(40'000, 'x'));
            exchange(client, server, piece);
            CHECK(server.got == "hello");
            CHECK(client.got == std::string(40'000, 'x'));
            CHECK(client.last == step::wants_input);
            REQUIRE(client.machine.end(client.output) == step::done);
            exchange(client, server, piece);
            CHECK(server.last == step::ended);
            server.got.clear();
            server.send("after your end");
            exchange(client, server, piece);
            CHECK(client.got.ends_with("after your end"));
        }
    }
}

TEST_CASE("a record is cut in two at each byte") {
    side server(a_server());
    side client(a_client(), "localhost");
    exchange(client, server);
    for (std::size_t cut = 1;; ++cut) {
        client.send("a message");
        if (cut >= client.output.size()) break;
        server.wire.append(client.output.view().first(cut));
        server.go_on();
        CHECK(server.last == step::wants_input);
        CHECK(server.got.empty());
        server.wire.append(client.output.view().from(cut));
        client.output.clear();
        server.go_on();
        CHECK(server.got == "a message");
        server.got.clear();
    }
}

TEST_CASE("what is sealed at once is one record for each 16 KiB") {
    side server(a_server());
    side client(a_client(), "localhost");
    exchange(client, server);
    client.output.clear();
    client.send(std::string(16 * 64, 'm'));
    CHECK(client.output.size() == 16 * 64 + 5 + 1 + 16);  // header, type, tag
    client.output.clear();
    side other(a_client(), "localhost");
    side another(a_server());
    exchange(other, another);
    other.send(std::string(40'000, 'm'));
    CHECK(other.output.size() == 40'000 + 3 * 22);
}

TEST_CASE("what comes behind the last bytes of a handshake is not lost") {
    for (const auto version : both_versions) {
        side server(a_server());
        side client(a_client(at_most(version)), "localhost");
        // The client's last flight and its first message arrive together; so do the server's tickets and message.
        client.go_on();
        server.wire.append(client.output.view());
        client.output.clear();
        server.go_on();
        while (!client.is_shaken) {
            client.wire.append(server.output.view());
            server.output.clear();
            client.go_on();
            if (client.is_shaken) break;
            server.wire.append(client.output.view());
            client.output.clear();
            server.go_on();
        }
        client.send("early");
        server.wire.append(client.output.view());
        client.output.clear();
        server.go_on();
        CHECK(server.got == "early");
        server.send("late");
        client.wire.append(server.output.view());
        server.output.clear();
        client.go_on();
        CHECK(client.got == "late");
    }
}

TEST_CASE("without room nothing is read, and nothing is lost") {
    side server(a_server());
    side client(a_client(), "localhost");
    exchange(client, server);
    client.send("hello");
    bytes_view input = client.output.view();
    CHECK(server.machine.read(input, {}, server.output).how == step::no_room);
    CHECK(server.machine.holds() == tls_machine::held::opened);
    std::array<std::byte, 3> room{};
    auto came = server.machine.read(input, room, server.output);
    CHECK(came.how == step::done);
    CHECK(came.size == 3);
    came = server.machine.read(input, room, server.output);
    CHECK(came.how == step::wants_input);
    CHECK(came.size == 2);
    CHECK(server.machine.holds() == tls_machine::held::nothing);
    CHECK(server.machine.read(input, {}, server.output).how == step::wants_input);
}

TEST_CASE("a peer that demands new keys gets them, and an answer to send") {
    side server(a_server());
    side client(a_client(), "localhost");
    exchange(client, server);
    for (int i = 0; i < 5; ++i) {
        REQUIRE(SSL_key_update(client.machine.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
        client.send("new keys");
        exchange(client, server);
        CHECK(server.got == "new keys");
        server.got.clear();
        server.send("here, too");
        exchange(client, server);
        CHECK(client.got == "here, too");
        client.got.clear();
    }
}

TEST_CASE("a session is resumed by the next connection of the same client") {
    for (const auto version : both_versions) {
        const auto serves = a_server();
        const auto connects = a_client(at_most(version));
        for (const bool expected : {false, true, true, true, true}) {  // each ticket is used once, and gives a new one
            side server(serves);
            side client(connects, "localhost");
            exchange(client, server);
            REQUIRE(client.is_shaken);
            CHECK((SSL_session_reused(client.machine.get()) == 1) == expected);
        }
        side other(serves);
        side elsewhere(connects, "other.example");
        exchange(elsewhere, other);
        CHECK(elsewhere.last == step::failed);  // its name is verified, and nothing is resumed
    }
}

TEST_CASE("tickets survive a reload that asks the same of clients, and no other") {
    const auto first = a_server();
    const auto connects = a_client();
    const auto resumes = [&](const std::shared_ptr<const tls_context>& serves) {
        side server(serves);
        side client(connects, "localhost");
        exchange(client, server);
        return SSL_session_reused(client.machine.get()) == 1;
    };
    CHECK_FALSE(resumes(first));
    tls::server_options how(first->server().certificates.front());
    auto second = tls_context::of_server(how, first.get());
    REQUIRE(second);
    CHECK(resumes(*second));
    how.clients = tls::client_certificate::optional;
    how.client_authorities_pem = root().pem();
    auto third = tls_context::of_server(how, second->get());
    REQUIRE(third);
    CHECK_FALSE(resumes(*third));
}

namespace {

// Both sides' words when a handshake fails.
struct failed {
    std::string client, server;
    errc client_code = errc::none, server_code = errc::none;
};
failed shake(tls::client_options client_how, tls::server_options server_how, const std::string& host = "localhost") {
    side server(a_server(std::move(server_how)));
    side client(a_client(std::move(client_how)), host);
    exchange(client, server);
    failed seen;
    if (client.last == step::failed) {
        seen.client = client.machine.failure_text();
        seen.client_code = client.machine.failure();
    }
    if (server.last == step::failed) {
        seen.server = server.machine.failure_text();
        seen.server_code = server.machine.failure();
    }
    return seen;
}

}  // namespace

TEST_CASE("a certificate that is not accepted is refused with the reason, and the server hears it") {
    const auto served = [](const authority& by, const authority::wish& of) {
        return tls::server_options(by.issue(of).with());
    };
    {
        const auto seen =
            shake({}, served(root(), {.names = {"DNS:example.net", "DNS:a", "DNS:b", "DNS:c", "IP:10.0.0.1"}}),
                  "example.org");
        CHECK(seen.client == "the certificate is for example.net, a, b and 2 more, not example.org");
        CHECK(seen.client_code == errc::untrusted);
        CHECK(seen.server == "the client does not accept this server's certificate");
        CHECK(seen.server_code == errc::not_permitted);
    }
    {
        const auto seen = shake({}, served(root(), {.names = {"DNS:localhost"}}), "127.0.0.1");
        CHECK(seen.client == "the certificate is for localhost, not 127.0.0.1");
    }
    {
        CHECK(shake({}, served(root(), {.names = {"IP:127.0.0.1", "IP:::1"}}), "::1").client.empty());
        const auto seen = shake({}, served(root(), {.names = {"IP:127.0.0.1", "IP:fe80::1"}}), "::1");
        CHECK(seen.client == "the certificate is for 127.0.0.1, fe80::1, not ::1");
    }
    {
        const auto seen = shake({}, served(root(), {.owner = "CN=localhost"}), "localhost");
        CHECK(seen.client == "the certificate names no host (no subjectAltName), so it is not for localhost");
    }
    {
        const authority other("somebody else");
        const auto seen = shake({}, served(other, {.names = {"DNS:localhost"}}));
        CHECK(seen.client == "the certificate for localhost is issued by CN=somebody else, which is not trusted here");
        CHECK(seen.client_code == errc::untrusted);
        CHECK(seen.server == "the client does not trust the issuer of this server's certificate");
    }
    {
        auto self = tls::certificate::self_signed({"localhost"});
        REQUIRE(self);
        const auto seen = shake({}, tls::server_options(*self));
        CHECK(seen.client == "the certificate for localhost is signed by itself, and not trusted here");
    }
    {
        const authority middle = root().below("the middle");
        tls::server_options chained(middle.issue({.names = {"DNS:localhost"}}).with(middle.pem()));
        CHECK(shake({}, chained).client.empty());
        tls::server_options alone(middle.issue({.names = {"DNS:localhost"}}).with());
        CHECK(shake({}, alone).client ==
              "the certificate for localhost is issued by CN=the middle, which is not trusted here");
    }
}

TEST_CASE("a pin is enough alone, and no substitute beside authorities") {
    auto self = tls::certificate::self_signed({"somewhere.else"});
    REQUIRE(self);
    CHECK(self->pin().starts_with("sha256:"));
    tls::client_options pinned;
    pinned.pins = {self->pin()};
    CHECK(shake(pinned, tls::server_options(*self)).client.empty());
    const auto refused = shake(pinned, {});
    CHECK(refused.client.starts_with("the public key is sha256:"));
    CHECK(refused.server == "the client does not accept this server's certificate");
    pinned.authorities_pem = root().pem();
    CHECK(shake(pinned, tls::server_options(*self)).client ==
          "the certificate for somewhere.else is signed by itself, and not trusted here");
    pinned.pins = {"sha256:short"};
    auto wrong = tls_context::of_client(pinned);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error() == errc::invalid);
}

TEST_CASE("clients show certificates when they must") {
    for (const auto version : both_versions) {
        tls::server_options asks;
        asks.clients = tls::client_certificate::required;
        asks.client_authorities_pem = root().pem();
        {
            const auto seen = shake(at_most(version), asks);
            CHECK(seen.server == "the client shows no certificate, and one is required");
            CHECK(seen.server_code == errc::untrusted);
            CHECK_FALSE(seen.client.empty());
            CHECK(seen.client_code != errc::untrusted);
        }
        auto shows = at_most(version);
        shows.own = root().issue({.owner = "CN=a client"}).with();
        CHECK(shake(shows, asks).server.empty());
        shows.own = authority("nobody").issue({.owner = "CN=a client"}).with();
        CHECK(shake(shows, asks).server ==
              "the certificate for CN=a client is issued by CN=nobody, which is not trusted here");
        asks.clients = tls::client_certificate::optional;
        CHECK(shake(at_most(version), asks).server.empty());
        CHECK_FALSE(shake(shows, asks).server.empty());
    }
}

TEST_CASE("versions and protocols that are not in common") {
    tls::server_options only_1_3;
    only_1_3.oldest = tls::version::tls_1_3;
    {
        const auto seen = shake(at_most(tls::version::tls_1_2), only_1_3);
        CHECK(seen.server_code == errc::unsupported);
        CHECK(seen.client == "the server does not speak the versions of this side");
        CHECK(seen.client_code == errc::unsupported);
    }
    tls::server_options speaks;
    speaks.alpn = {"weir", "h2"};
    tls::client_options wants;
    wants.alpn = {"other"};
    {
        const auto seen = shake(wants, speaks);
        CHECK(seen.server == "the peer has no application protocol (ALPN) in common with this side");
        CHECK(seen.client_code == errc::unsupported);
    }
    {
        const auto seen = shake({}, speaks);
        CHECK(seen.server == "the client offers no application protocol (ALPN), and one is demanded here");
        CHECK(seen.server_code == errc::unsupported);
        CHECK(seen.client == "the server has no application protocol (ALPN) in common with this side");
    }
    wants.alpn = {"other", "h2"};
    CHECK(shake(wants, speaks).client.empty());
}

TEST_CASE("a server chooses its certificate by the name that the client asks for") {
    tls::server_options two;
    two.certificates = {root().issue({.names = {"DNS:one.example"}}).with(),
                        root().issue({.names = {"DNS:two.example", "DNS:*.three.example"}}).with()};
    const auto serves = a_server(two);
    const auto connects = a_client();
    for (const char* const host : {"one.example", "two.example", "x.three.example"}) {
        CAPTURE(host);
        side server(serves);
        side client(connects, host);
        exchange(client, server);
        CHECK(client.is_shaken);
    }
    side server(serves);
    side client(connects, "four.example");
    exchange(client, server);
    CHECK(client.machine.failure_text() == "the certificate is for one.example, not four.example");
}

TEST_CASE("certificates with keys of two kinds are for their own names, and those of one name stand side by side") {
    const auto rsa_of = [](const char* name) { return root().issue({.names = {name}, .is_rsa = true}).with(); };
    const auto ecdsa_of = [](const char* name) { return root().issue({.names = {name}}).with(); };
    const tls::certificate two[] = {rsa_of("DNS:a.example"), ecdsa_of("DNS:b.example")};
    for (const auto version : both_versions) {
        for (const bool rsa_first : {true, false}) {
            tls::server_options how;
            how.certificates = {two[rsa_first ? 0 : 1], two[rsa_first ? 1 : 0]};
            const auto serves = a_server(how);
            const auto connects = a_client(at_most(version));
            for (const char* const host : {"a.example", "b.example", "c.example"}) {
                CAPTURE(host);
                side server(serves);
                side client(connects, host);
                exchange(client, server);
                CHECK(client.is_shaken == (host[0] != 'c'));
                const std::string first = rsa_first ? "a.example" : "b.example";
                if (host[0] == 'c')
                    CHECK(client.machine.failure_text() == "the certificate is for " + first + ", not c.example");
            }
        }
    }
}

TEST_CASE("a client whose certificate has expired meanwhile is not resumed") {
    for (const auto version : both_versions) {
        tls::server_options asks;
        asks.clients = tls::client_certificate::required;
        asks.client_authorities_pem = root().pem();
        const auto serves = a_server(asks);
        auto shows = at_most(version);
        shows.own = root().issue({.owner = "CN=brief", .to_seconds = 2}).with();
        const auto connects = a_client(shows);
        const auto connected = [&] {
            side server(serves);
            side client(connects, "localhost");
            exchange(client, server);
            if (server.is_shaken) CHECK(std::string(SSL_get_version(server.machine.get())).starts_with("TLSv1."));
            return server.is_shaken ? SSL_session_reused(server.machine.get()) : -1;
        };
        CHECK(connected() == 0);
        CHECK(connected() == 1);
        std::this_thread::sleep_for(std::chrono::seconds(3));
        CHECK(connected() == -1);
    }
}

TEST_CASE("a message of TLS that has arrived in part holds up sealing, and then it goes on") {
    tls::server_options asks;
    asks.clients = tls::client_certificate::required;
    asks.client_authorities_pem = root().pem();
    auto shows = trusting_root();
    shows.own = root().issue({.owner = "CN=" + std::string(60, 'x') + ",O=" + std::string(60, 'y')}).with();
    side server(a_server(asks));
    side client(a_client(shows), "localhost");
    SSL_set_max_send_fragment(server.machine.get(), 512);
    client.go_on();
    while (!server.is_shaken) {
        server.wire.append(client.output.view());
        client.output.clear();
        server.go_on();
        if (server.is_shaken) break;
        client.wire.append(server.output.view());
        server.output.clear();
        client.go_on();
    }
    REQUIRE(client.is_shaken);
    REQUIRE(server.output.size() > 600);  // tickets of more than one record
    client.wire.append(server.output.view().first(540));
    client.go_on();
    CHECK(client.machine.write("hello", client.output) == step::wants_input);
    CHECK(client.machine.end(client.output) == step::wants_input);
    client.wire.append(server.output.view().from(540));
    server.output.clear();
    client.go_on();
    client.send("hello");
    exchange(client, server);
    CHECK(server.got == "hello");
}

TEST_CASE("names of a certificate cannot forge a line of a log") {
    const authority forger("nobody");
    const auto seen =
        shake({}, tls::server_options(forger.issue({.owner = "CN=a\nb\x1b[31m" + std::string(50, 'z')}).with()));
    CHECK(seen.client.find('\n') == std::string::npos);
    CHECK(seen.client.find('\x1b') == std::string::npos);
}

TEST_CASE("changed, cut and foreign bytes fail with a reason") {
    {
        side server(a_server());
        side client(a_client(), "localhost");
        exchange(client, server);
        client.send("hello");
        client.output.data()[client.output.size() - 1] ^= std::byte{1};
        exchange(client, server);
        CHECK(server.machine.failure_text() == "a record was changed on its way");
        CHECK(client.machine.failure_text() == "the server got a record that was changed on its way");
    }
    {
        side server(a_server());
        side client(a_client(), "localhost");
        exchange(client, server);
        const std::byte head[] = {std::byte{23}, std::byte{3}, std::byte{3}, std::byte{0x41}, std::byte{1 + 1}};
        server.wire.append(bytes_view(head, sizeof head));
        server.go_on();
        CHECK(server.last == step::failed);
        CHECK(server.machine.failure_text() == "a record is longer than 16 KiB");
    }
    for (const std::string_view text : {"GET / HTTP/1.1\r\n\r\n", "hello weir\n", "\x16\x03\x01\xff\xff\x01\x02\x03"}) {
        side server(a_server());
        server.wire.append(bytes_view(text));
        server.go_on();
        CHECK(server.last == step::failed);
        CHECK_FALSE(server.machine.failure_text().empty());
    }
}

TEST_CASE("secrets are logged only when a program asks") {
    std::vector<std::string> lines;
    tls::client_options how;
    how.key_log = [&](std::string_view line) { lines.emplace_back(line); };
    shake(how, {});
    REQUIRE_FALSE(lines.empty());
    CHECK(std::ranges::any_of(lines, [](const auto& one) { return one.starts_with("CLIENT_TRAFFIC_SECRET_0 "); }));
}
