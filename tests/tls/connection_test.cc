// Channels, servers and clients over TLS: facts, errors and closing.
#include "tests/served.h"
#include "tests/tls/serving.h"

using namespace weir_test;

TEST_CASE("a client is served over TLS, and the facts contain the version, the cipher and the peer") {
    on_each_loop([]() -> task<> {
        co_await serve_tls_while(secure(), [](server& one) -> task<> {
            const auto side = tls::client(trusting());
            for (int i = 0; i < 2; ++i) {
                const std::string resumed = i == 0 ? "no" : "yes";
                wrappers through = just(side);
                auto client = co_await connect("127.0.0.1" + port_of(one), through, framing::lines());
                REQUIRE_MESSAGE(client, (client ? "" : client.error().message()));
                CHECK(co_await ask(*client, "hello") == "hello");
                CHECK(fact(*client, "tls.version") == "TLSv1.3");
                CHECK(fact(*client, "tls.cipher") == "TLS_AES_128_GCM_SHA256");
                CHECK(fact(*client, "tls.peer") == "CN=leaf");
                CHECK(fact(*client, "tls.resumed") == resumed);
                CHECK(fact(*client, "tls.alpn") == "-");
                CHECK(fact(*client, "host") == "127.0.0.1");
            }
        });
    });
}

TEST_CASE("a certificate for another name is refused, and the error contains both names") {
    on_each_loop([]() -> task<> {
        co_await serve_tls_while(secure_for("DNS:example.net"), [](server& one) -> task<> {
            auto client = co_await connect_to(one, trusting());
            REQUIRE_FALSE(client);
            CHECK(client.error().message() == "tls handshake with 127.0.0.1" + port_of(one) +
                                                  ": the certificate is for example.net, not 127.0.0.1");
            CHECK(client.error() == errc::untrusted);
        });
    });
}

TEST_CASE("with options that cannot be used each handshake fails, and returns their error") {
    on_each_loop([]() -> task<> {
        co_await serve_tls_while(secure(), [](server& one) -> task<> {
            tls::client_options how;
            how.authority_files.emplace_back("/no/such/file");
            auto client = co_await connect_to(one, how);
            REQUIRE_FALSE(client);
            CHECK(client.error().message() ==
                  "tls handshake with 127.0.0.1" + port_of(one) + ": read /no/such/file: there is no such file");
            auto [first, second] = stream_pair();
            wrappers through = just(tls::client(trusting()));
            auto nameless = co_await adopt_stream(std::move(first), through, framing::lines());
            REQUIRE_FALSE(nameless);
            CHECK(nameless.error() == errc::invalid);
        });
    });
}

TEST_CASE("the output of a turn is one record, and large output is in records of 16 KiB") {
    on_each_kernel_loop([]() -> task<> {
        auto met = co_await served_to_raw(secure());
        channel& served = met.one;
        raw_peer& peer = *met.peer;
        co_await peer.receive(0);
        for (int turns = 0; turns < 20; ++turns) {  // receives the session tickets
            peer.pull();
            peer.open();
            co_await sleep(1ms);
        }
        peer.records();
        for (int i = 0; i < 16; ++i)
            co_await served.send("sixty-three bytes, which with the end of the line are 64: ......");
        co_await served.flush();
        CHECK((co_await peer.receive(16 * 65)).size() == 16 * 65);
        CHECK(text(peer.records()) == "1057");
        co_await served.send(std::string(39'999, 'x'));
        CHECK((co_await peer.receive(40'000)).size() == 40'000);
        CHECK(text(peer.records()) == "16401,16401,7249");
    });
}

TEST_CASE("a peer that has sent its close_notify still receives") {
    on_each_loop([]() -> task<> {
        co_await serve_tls_while(secure(), [](server& one) -> task<> {
            auto client = co_await connect_to(one, trusting());
            REQUIRE(client);
            for (int i = 0; i < 100; ++i) co_await client->send(std::to_string(i));
            client->shutdown_send();
            int next = 0;
            while (auto reply = co_await client->receive()) CHECK(reply->text() == std::to_string(next++));
            CHECK(next == 100);
            CHECK(client->close_reason() == errc::closed);
        });
    });
}

TEST_CASE("a client of TLS 1.3 that is refused after its handshake gets the reason") {
    on_each_loop([]() -> task<> {
        auto asks = served_for({"IP:127.0.0.1"});
        asks.clients = tls::client_certificate::required;
        asks.client_authorities_pem = root().pem();
        log_of_server log;
        server_options how;
        how.wrappers = just(secure(asks));
        co_await serve_while(log.with(std::move(how)), [](server& one) -> task<> {
            auto client = co_await connect_to(one, trusting());
            REQUIRE(client);
            CHECK_FALSE(co_await client->receive());
            CHECK(client->close_reason() == errc::not_permitted);
            CHECK(client->close_reason().message() ==
                  "receive 127.0.0.1" + port_of(one) + ": tls: the server requires a client certificate");
            auto shows = trusting();
            shows.own = root().issue({.owner = "CN=alice,O=Tests"}).with();
            auto known = co_await connect_to(one, shows);
            REQUIRE(known);
            CHECK(co_await ask(*known, "hello") == "hello");
        });
        REQUIRE(log.lines.size() >= 1);
        CHECK(log.lines[0].ends_with(": the client shows no certificate, and one is required"));
    });
}

TEST_CASE("TLS begins after plain messages, and is refused if plain bytes arrived too early") {
    on_each_loop([]() -> task<> {
        auto [first, second] = stream_pair();
        channel served = adopt_stream(std::move(first), framing::lines());
        channel client = adopt_stream(std::move(second), framing::lines());
        co_await client.send("STARTTLS");
        auto asked = co_await served.receive();
        REQUIRE(asked);
        co_await served.send("go ahead");
        auto how = trusting();
        how.host = "localhost";
        auto begins = [](channel& one, tls::client_options with) -> task<result<void>> {
            auto answer = co_await one.receive();
            REQUIRE(answer);
            auto done = co_await tls::start(one, tls::client(std::move(with)));
            co_return done;
        };
        auto both = co_await when_all(tls::start(served, secure()), begins(client, how));
        REQUIRE(std::get<0>(both));
        REQUIRE(std::get<1>(both));
        CHECK(fact(served, "tls.version") == "TLSv1.3");
        CHECK(fact(client, "tls.version") == "TLSv1.3");
        co_await client.send("secret");
        auto got = co_await served.receive();
        REQUIRE(got);
        CHECK(got->text() == "secret");
    });
    on_each_loop([]() -> task<> {
        auto [first, second] = stream_pair();
        channel served = adopt_stream(std::move(first), framing::lines());
        channel client = adopt_stream(std::move(second), framing::lines());
        co_await served.send("go ahead");
        co_await served.send("injected");
        co_await served.flush();
        auto answer = co_await client.receive();
        REQUIRE(answer);
        auto how = trusting();
        how.host = "localhost";
        auto done = co_await tls::start(client, tls::client(how));
        REQUIRE_FALSE(done);
        CHECK(done.error() == errc::malformed);
    });
}

TEST_CASE("a blocking channel works over TLS") {
    server_options over_tls;
    over_tls.wrappers = just(secure());
    const served one(over_tls, framing::lines());
    {
        auto how = trusting();
        how.host = "localhost";
        auto client = blocking_channel::adopt(one.connected(), just(tls::client(how)), framing::lines());
        REQUIRE_MESSAGE(client, (client ? "" : client.error().message()));
        CHECK(client->facts().find("tls.version") == "TLSv1.3");
        REQUIRE(client->send("hello"));
        auto answer = client->receive();
        REQUIRE(answer);
        CHECK(answer->text() == "hello");
        how.host = "example.org";
        auto refused = blocking_channel::adopt(one.connected(), just(tls::client(how)), framing::lines());
        REQUIRE_FALSE(refused);
        CHECK(refused.error() == errc::untrusted);
        CHECK(refused.error().message().ends_with("the certificate is for localhost, 127.0.0.1, not example.org"));
    }
}

TEST_CASE("certificates are changed under load, and no connection is dropped") {
    on_each_kernel_loop([]() -> task<> {
        const auto side = secure();
        co_await serve_tls_while(side, [&side](server& one) -> task<> {
            auto old = co_await connect_to(one, trusting());
            REQUIRE(old);
            auto fresh = trusting();
            fresh.resume = false;
            for (int i = 0; i < 50; ++i) {
                REQUIRE(side->reload(served_for({"IP:127.0.0.1", "DNS:number" + std::to_string(i)})));
                auto client = co_await connect_to(one, fresh);
                REQUIRE(client);
                CHECK(co_await ask(*client, "new") == "new");
                CHECK(co_await ask(*old, "old") == "old");
                auto bad = side->reload({});
                CHECK_FALSE(bad);
            }
        });
    });
}

TEST_CASE("without verification each connection causes a warning, and options that would be ignored are refused") {
    on_each_loop([]() -> task<> {
        co_await serve_tls_while(secure(), [](server& one) -> task<> {
            tls::client_options how;
            std::vector<std::string> warnings;
            how.accept_any_certificate_insecurely = true;
            how.warn = [&](std::string_view sentence) { warnings.emplace_back(sentence); };
            const auto side = tls::client(how);
            for (int i = 0; i < 3; ++i) {
                auto client = co_await connect("127.0.0.1" + port_of(one), side, framing::lines());
                REQUIRE(client);
                CHECK(co_await ask(*client, "hello") == "hello");
            }
            CHECK(warnings.size() == 3);
            CHECK(warnings.back() == "the certificate of 127.0.0.1 is NOT verified: this may be any server");
            how.pins.push_back("sha256:" + std::string(43, 'A') + "=");
            auto client = co_await connect_to(one, how);
            REQUIRE_FALSE(client);
            CHECK(client.error() == errc::invalid);
        });
    });
}

TEST_CASE("text that is not a host name is refused before anything is sent") {
    on_each_loop([]() -> task<> {
        co_await serve_tls_while(secure(), [](server& one) -> task<> {
            const std::string hosts[] = {".localhost", std::string(300, 'x'), "a b", std::string("a\0b", 3)};
            for (const std::string& host : hosts) {
                auto how = trusting();
                how.host = host;
                auto client = co_await connect_to(one, how);
                REQUIRE_FALSE(client);
                CHECK(client.error() == errc::invalid);
            }
        });
    });
}
