// Two TLS state machines without sockets. The bytes between them are cut in many ways.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/tls/machines.h"

using namespace weir_test;

TEST_CASE("a handshake and messages in both directions work in pieces of each size") {
    for (const auto protocol : both_versions) {
        for (const std::size_t piece : {1UL, 2UL, 3UL, 5UL, 7UL, 64UL, 1000UL, 100'000UL}) {
            CAPTURE(piece);
            side server(a_server());
            side client(a_client(at_most(protocol)), "localhost");
            exchange(client, server, piece);
            REQUIRE(client.is_shaken);
            REQUIRE(server.is_shaken);
            CHECK(std::string(SSL_get_version(client.machine.get())) ==
                  (protocol == tls::version::tls_1_2 ? "TLSv1.2" : "TLSv1.3"));
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

TEST_CASE("a record that is cut in two at any byte is read correctly") {
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

TEST_CASE("data that is sealed at once is one record for each 16 KiB") {
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

TEST_CASE("bytes after the end of a handshake are not lost") {
    for (const auto protocol : both_versions) {
        side server(a_server());
        side client(a_client(at_most(protocol)), "localhost");
        // The end of the client's handshake arrives together with its first message. The tickets of the server arrive
        // together with its message.
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

TEST_CASE("without room for the result nothing is read, and nothing is lost") {
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

TEST_CASE("a peer that requests new keys gets them, and the machine has an answer to send") {
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

TEST_CASE("a partial handshake message after the handshake delays sealing, which then continues") {
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
    REQUIRE(server.output.size() > 600);  // the tickets fill more than one record
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

TEST_CASE("changed, missing or foreign bytes fail with a reason") {
    {
        side server(a_server());
        side client(a_client(), "localhost");
        exchange(client, server);
        client.send("hello");
        client.output.data()[client.output.size() - 1] ^= std::byte{1};
        exchange(client, server);
        CHECK(server.machine.failure_text() == "a record was changed in transit");
        CHECK(client.machine.failure_text() == "the server got a record that was changed in transit");
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

TEST_CASE("secrets are logged only if a program requests this") {
    std::vector<std::string> lines;
    tls::client_options how;
    how.key_log = [&](std::string_view line) { lines.emplace_back(line); };
    shake(how, {});
    REQUIRE_FALSE(lines.empty());
    CHECK(std::ranges::any_of(lines, [](const auto& one) { return one.starts_with("CLIENT_TRAFFIC_SECRET_0 "); }));
}
