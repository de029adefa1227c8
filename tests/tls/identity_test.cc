// The identity of the peer: certificates, pins, names, client certificates, protocols, and session resumption.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "tests/tls/machines.h"

using namespace weir_test;

TEST_CASE("a session is resumed by the next connection of the same client") {
    for (const auto protocol : both_versions) {
        const auto serves = a_server();
        const auto connects = a_client(at_most(protocol));
        for (const bool expected : {false, true, true, true, true}) {  // each session brings a ticket for the next one
            side server(serves);
            side client(connects, "localhost");
            exchange(client, server);
            REQUIRE(client.is_shaken);
            CHECK((SSL_session_reused(client.machine.get()) == 1) == expected);
        }
        side other(serves);
        side elsewhere(connects, "other.example");
        exchange(elsewhere, other);
        CHECK(elsewhere.last == step::failed);  // for another name no session is resumed, and the name is verified
    }
}

TEST_CASE("tickets stay valid only after a reload with the same requirements for clients") {
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

TEST_CASE("a client refuses a certificate with the reason, and the server gets an error, too") {
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
        const authority other("another authority");
        const auto seen = shake({}, served(other, {.names = {"DNS:localhost"}}));
        CHECK(seen.client ==
              "the certificate for localhost is issued by CN=another authority, which is not trusted here");
        CHECK(seen.client_code == errc::untrusted);
        CHECK(seen.server == "the client does not trust the issuer of this server's certificate");
    }
    {
        auto self = tls::certificate::self_signed({"localhost"});
        REQUIRE(self);
        const auto seen = shake({}, tls::server_options(*self));
        CHECK(seen.client == "the certificate for localhost is self-signed, and not trusted here");
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

TEST_CASE("a pin is sufficient alone, and does not replace the check of authorities if they are set") {
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
          "the certificate for somewhere.else is self-signed, and not trusted here");
    pinned.pins = {"sha256:short"};
    auto wrong = tls_context::of_client(pinned);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error() == errc::invalid);
}

TEST_CASE("a server that requires client certificates refuses clients without a trusted one") {
    for (const auto protocol : both_versions) {
        tls::server_options asks;
        asks.clients = tls::client_certificate::required;
        asks.client_authorities_pem = root().pem();
        {
            const auto seen = shake(at_most(protocol), asks);
            CHECK(seen.server == "the client shows no certificate, and one is required");
            CHECK(seen.server_code == errc::untrusted);
            CHECK_FALSE(seen.client.empty());
            CHECK(seen.client_code != errc::untrusted);
        }
        auto shows = at_most(protocol);
        shows.own = root().issue({.owner = "CN=a client"}).with();
        CHECK(shake(shows, asks).server.empty());
        shows.own = authority("nobody").issue({.owner = "CN=a client"}).with();
        CHECK(shake(shows, asks).server ==
              "the certificate for CN=a client is issued by CN=nobody, which is not trusted here");
        asks.clients = tls::client_certificate::optional;
        CHECK(shake(at_most(protocol), asks).server.empty());
        CHECK_FALSE(shake(shows, asks).server.empty());
    }
}

TEST_CASE("a handshake without a common version or application protocol fails with a reason") {
    tls::server_options only_1_3;
    only_1_3.oldest = tls::version::tls_1_3;
    {
        const auto seen = shake(at_most(tls::version::tls_1_2), only_1_3);
        CHECK(seen.server_code == errc::unsupported);
        CHECK(seen.client == "the server does not support the TLS versions of this side");
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
        CHECK(seen.server == "the client offers no application protocol (ALPN), and this server requires one");
        CHECK(seen.server_code == errc::unsupported);
        CHECK(seen.client == "the server has no application protocol (ALPN) in common with this side");
    }
    wants.alpn = {"other", "h2"};
    CHECK(shake(wants, speaks).client.empty());
}

TEST_CASE("a server chooses its certificate by the name that the client requests") {
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

TEST_CASE("certificates with keys of two kinds are each used for their own names") {
    const auto rsa_of = [](const char* name) { return root().issue({.names = {name}, .is_rsa = true}).with(); };
    const auto ecdsa_of = [](const char* name) { return root().issue({.names = {name}}).with(); };
    const tls::certificate two[] = {rsa_of("DNS:a.example"), ecdsa_of("DNS:b.example")};
    for (const auto protocol : both_versions) {
        for (const bool rsa_first : {true, false}) {
            tls::server_options how;
            how.certificates = {two[rsa_first ? 0 : 1], two[rsa_first ? 1 : 0]};
            const auto serves = a_server(how);
            const auto connects = a_client(at_most(protocol));
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

TEST_CASE("the session of a client whose certificate has expired meanwhile is not resumed") {
    for (const auto protocol : both_versions) {
        tls::server_options asks;
        asks.clients = tls::client_certificate::required;
        asks.client_authorities_pem = root().pem();
        const auto serves = a_server(asks);
        auto shows = at_most(protocol);
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

TEST_CASE("names in a certificate cannot forge lines of a log") {
    const authority forger("nobody");
    const auto seen =
        shake({}, tls::server_options(forger.issue({.owner = "CN=a\nb\x1b[31m" + std::string(50, 'z')}).with()));
    CHECK(seen.client.find('\n') == std::string::npos);
    CHECK(seen.client.find('\x1b') == std::string::npos);
}
