// Channels, servers and clients over TLS: what they see of each other, and of peers that misbehave.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/served.h"
#include "tests/tls/authority.h"
#include "tests/tls/raw_peer.h"
#include "weir/sim/network.h"
#include "weir/tls/tls.h"
#include "weir/weir.h"

using namespace weir_test;
using internal::tls_context;

namespace {

const authority& root() {
    static const authority one("root of tests");
    return one;
}

tls::server_options served_for(std::vector<std::string> names) {
    return tls::server_options(root().issue({.names = std::move(names)}).with());
}
tls::client_options trusting() {
    tls::client_options how;
    how.authorities_pem = root().pem();
    return how;
}
std::shared_ptr<tls::server> secure(tls::server_options how) {
    auto made = tls::server::make(std::move(how));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    return *made;
}

std::shared_ptr<tls::server> secure() { return secure(served_for({"DNS:localhost", "IP:127.0.0.1"})); }
std::shared_ptr<tls::server> secure_for(std::string name) { return secure(served_for({std::move(name)})); }
wrappers just(std::shared_ptr<const wrapper> one) { return {std::move(one)}; }

template <class Main>
void on_each_loop(Main main) {
    for (const auto kind : {backend_kind::epoll, backend_kind::io_uring, backend_kind::simulated}) {
        CAPTURE(std::string(to_string(kind)));
        auto platform = kind == backend_kind::simulated
                            ? result<std::unique_ptr<backend>>(std::make_unique<sim::network>(choices::random(1)))
                            : open_backend(kind);
        REQUIRE(platform);
        loop here(std::move(*platform));
        here.run(main());
    }
}
template <class Main>
void on_each_kernel_loop(Main main) {
    for (const auto kind : {backend_kind::epoll, backend_kind::io_uring}) {
        CAPTURE(std::string(to_string(kind)));
        auto platform = open_backend(kind);
        REQUIRE(platform);
        loop here(std::move(*platform));
        here.run(main());
    }
}

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        if (auto sent = co_await client.send(*message); !sent) break;
    }
}

struct log_of_server {
    std::vector<std::string> lines;
    server_options with(server_options how) {
        how.log = [this](const server_event& one) {
            const bool is_end = one.what == server_event::kind::ended;
            if (one.what == server_event::kind::handshake_failed || (is_end && one.why != nullptr))
                lines.emplace_back(one.text);
        };
        return how;
    }
};

// Serves while `client` runs.
template <class Client>
task<> serve_while(server_options how, Client client) {
    auto opened = server::listen("127.0.0.1:0", framing::lines(), std::move(how));
    REQUIRE(opened);
    auto all = [](scope& children, server& serving, Client& runs) -> task<> {
        children.spawn(serving.run(&echo));
        task<> running = runs(serving);
        co_await std::move(running);
        serving.stop();
    };
    task<result<void>> whole = in_scope(+all, std::ref(*opened), std::ref(client));
    auto done = co_await std::move(whole);
    CHECK(done);
    CHECK(opened->stats().open == 0);
    CHECK(opened->stats().handshaking == 0);
}
template <class Client>
task<> serve_tls_while(std::shared_ptr<const wrapper> by, Client client) {
    server_options how;
    how.wrappers = just(std::move(by));
    return serve_while(std::move(how), std::move(client));
}

std::string port_of(const server& one) { return ":" + std::to_string(one.local_address().port()); }

task<result<channel>> connect_to(const server& one, tls::client_options how, std::string host = "127.0.0.1") {
    wrappers through = just(tls::client(std::move(how)));
    return connect(host + port_of(one), std::move(through), framing::lines());
}

task<std::string> ask(channel& one, std::string question) {
    if (auto sent = co_await one.send(question); !sent) co_return sent.error().message();
    auto answer = co_await one.receive();
    co_return answer ? std::string(answer->text()) : answer.error().message();
}

std::string text(const std::vector<std::size_t>& sizes) {
    std::string all;
    for (const std::size_t one : sizes) all += (all.empty() ? "" : ",") + std::to_string(one);
    return all;
}

std::string fact(const channel& one, std::string_view name) {
    return std::string(one.peer().facts().find(name).value_or("-"));
}

}  // namespace

TEST_CASE("a client is served over TLS, and both sides know what they speak") {
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

TEST_CASE("a certificate for another name is refused, and the error says for which") {
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

TEST_CASE("options that cannot be used fail each handshake, with their error") {
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

TEST_CASE("plain text at a TLS server, and TLS at a plain server, are named") {
    on_each_loop([]() -> task<> {
        log_of_server log;
        server_options how;
        how.wrappers = just(secure());
        co_await serve_while(log.with(std::move(how)), [](server& one) -> task<> {
            for (int i = 0; i < 2; ++i) {
                const std::string line = i == 0 ? "GET / HTTP/1.1" : "hello";
                auto client = co_await connect("127.0.0.1" + port_of(one), framing::lines());
                REQUIRE(client);
                co_await client->send(line);
                CHECK_FALSE(co_await client->receive());
            }
        });
        REQUIRE(log.lines.size() == 2);
        CHECK(log.lines[0].ends_with(": the peer does not speak TLS: this looks like an HTTP request"));
        CHECK(log.lines[1].ends_with(": the peer does not speak TLS: this looks like plain text (\"hello\\n\")"));
        co_await serve_while({}, [](server& one) -> task<> {
            auto client = co_await connect_to(one, trusting());
            CHECK_FALSE(client);
        });
    });
}

TEST_CASE("a connection that ends without close_notify is truncated, also at a message boundary") {
    on_each_kernel_loop([]() -> task<> {
        for (int which = 0; which < 4; ++which) {
            {
                const bool accepts = which / 2 == 1;
                const bool says = which % 2 == 1;
                auto pair = socket_pair(socket_type::stream);
                REQUIRE(pair);
                auto how = served_for({"DNS:localhost"});
                how.accept_missing_close_notify = accepts;
                wrappers through = just(secure(how));
                raw_peer peer(std::move(pair->first), *tls_context::of_client(trusting()), "localhost");
                auto both = co_await when_all(adopt(std::move(pair->second), through, framing::lines()), peer.shake());
                auto& served = std::get<0>(both);
                REQUIRE(served);
                REQUIRE(std::get<1>(both));
                peer.send("one\n");
                if (says) peer.say_close_notify();
                REQUIRE(peer.wire.shutdown(half::send));
                CHECK(co_await served->receive());
                CHECK_FALSE(co_await served->receive());
                CHECK(served->close_reason() == (says || accepts ? errc::closed : errc::truncated));
                if (!says && !accepts) {
                    CHECK(served->close_reason().message().ends_with(
                        "the connection ended without close_notify, so the peer may not be the one that ended it"));
                }
            }
        }
    });
}

TEST_CASE("what one turn sends is one record, and large output records of 16 KiB") {
    on_each_kernel_loop([]() -> task<> {
        auto pair = socket_pair(socket_type::stream);
        REQUIRE(pair);
        wrappers through = just(secure());
        raw_peer peer(std::move(pair->first), *tls_context::of_client(trusting()), "localhost");
        auto both = co_await when_all(adopt(std::move(pair->second), through, framing::lines()), peer.shake());
        auto& served = std::get<0>(both);
        REQUIRE(served);
        co_await peer.receive(0);
        for (int turns = 0; turns < 20; ++turns) {  // the tickets
            peer.pull();
            peer.open();
            co_await sleep(1ms);
        }
        peer.records();
        for (int i = 0; i < 16; ++i)
            co_await served->send("sixty-three bytes, which with the end of the line are 64: ......");
        co_await served->flush();
        CHECK((co_await peer.receive(16 * 65)).size() == 16 * 65);
        CHECK(text(peer.records()) == "1057");
        co_await served->send(std::string(39'999, 'x'));
        CHECK((co_await peer.receive(40'000)).size() == 40'000);
        CHECK(text(peer.records()) == "16401,16401,7249");
    });
}

TEST_CASE("after its close_notify a peer still receives") {
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

TEST_CASE("records that were changed, are too long or are alerts end the connection with a reason") {
    struct wrong {
        const char* name;
        void (*send)(raw_peer&);
        errc expected;
        const char* text;
    };
    static constexpr wrong all[] = {
        {"changed",
         [](raw_peer& peer) {
             REQUIRE(peer.machine.write("hello\n", peer.output) == internal::tls_machine::step::done);
             peer.output.data()[peer.output.size() - 1] ^= std::byte{1};
             peer.push();
         },
         errc::malformed, "tls: a record was changed on its way"},
        {"16 KiB and 1",
         [](raw_peer& peer) {
             const std::byte head[] = {std::byte{23}, std::byte{3}, std::byte{3}, std::byte{0x41}, std::byte{0x12}};
             REQUIRE(peer.wire.send(bytes_view(head, sizeof head)));
         },
         errc::malformed, "tls: a record is longer than 16 KiB"},
        {"plain text", [](raw_peer& peer) { REQUIRE(peer.wire.send("hello, I am plain text\n")); }, errc::malformed,
         "tls: "},
        {"a plain alert",
         [](raw_peer& peer) {
             const std::byte alert[] = {std::byte{21}, std::byte{3}, std::byte{3}, std::byte{0},
                                        std::byte{2},  std::byte{2}, std::byte{80}};
             REQUIRE(peer.wire.send(bytes_view(alert, sizeof alert)));
         },
         errc::malformed, "tls: "},
    };
    for (const auto& each : all) {
        CAPTURE(std::string(each.name));
        auto main = [](const wrong& how) -> task<> {
            auto pair = socket_pair(socket_type::stream);
            REQUIRE(pair);
            wrappers through = just(secure());
            raw_peer peer(std::move(pair->first), *tls_context::of_client(trusting()), "localhost");
            auto both = co_await when_all(adopt(std::move(pair->second), through, framing::lines()), peer.shake());
            auto& served = std::get<0>(both);
            REQUIRE(served);
            peer.send("first\n");
            CHECK(co_await served->receive());
            how.send(peer);
            CHECK_FALSE(co_await served->receive());
            CHECK(served->close_reason() == how.expected);
            const std::string said = served->close_reason().message();
            CHECK_MESSAGE(said.find(how.text) != std::string::npos, said);
            served = error(errc::none);
            CHECK(co_await peer.sees_end());
        };
        for (const auto kind : {backend_kind::epoll, backend_kind::io_uring}) {
            loop here(std::move(*open_backend(kind)));
            here.run(main(each));
        }
    }
}

TEST_CASE("a client of TLS 1.3 that is refused afterwards learns why") {
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
                  "receive 127.0.0.1" + port_of(one) + ": tls: the server demands a certificate of this client");
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

TEST_CASE("TLS begins after plain messages, and nothing that came too early is believed") {
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

TEST_CASE("a blocking channel speaks TLS") {
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

TEST_CASE("keys change under way, and a peer that demands it all the time is answered within a bound") {
    on_each_kernel_loop([]() -> task<> {
        auto pair = socket_pair(socket_type::stream);
        REQUIRE(pair);
        wrappers through = just(secure());
        raw_peer peer(std::move(pair->first), *tls_context::of_client(trusting()), "localhost");
        auto both = co_await when_all(adopt(std::move(pair->second), through, framing::lines()), peer.shake());
        auto& served = std::get<0>(both);
        REQUIRE(served);
        for (int i = 0; i < 3; ++i) {
            REQUIRE(SSL_key_update(peer.machine.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
            peer.send("hello\n");
            auto got = co_await served->receive();
            REQUIRE(got);
            co_await served->send(*got);
            CHECK(co_await peer.receive(6) == "hello\n");
        }
        // It demands, and takes no answer: the answers that wait are bounded, so at some time it is not read any more.
        auto receiving = [](channel& one) -> task<> {
            auto got = co_await one.receive(loop::current().now() + 400ms);
            CHECK_FALSE(got);
        };
        std::size_t taken = 0;
        auto flooding = [](raw_peer& by, std::size_t& sent_bytes) -> task<> {
            const auto until = loop::current().now() + 300ms;
            while (loop::current().now() < until) {
                while (by.output.size() < 50'000) {
                    REQUIRE(SSL_key_update(by.machine.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
                    REQUIRE(by.machine.write("x", by.output) == internal::tls_machine::step::done);
                }
                auto sent = by.wire.send(by.output.view(), deadline(time_point::min()));
                if (sent) {
                    by.output.consume(*sent);
                    sent_bytes += *sent;
                }
                co_await sleep(100us);
            }
        };
        co_await when_all(receiving(*served), flooding(peer, taken));
        CHECK(taken < 2'000'000);
        served->abort();
    });
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

TEST_CASE("handshakes have a limit of their own: the one without progress is dropped for a newer one") {
    on_each_kernel_loop([]() -> task<> {
        log_of_server log;
        server_options how;
        how.wrappers = just(secure());
        how.limits.handshakes = 3;
        how.limits.connections_of_a_source = std::nullopt;
        co_await serve_while(log.with(std::move(how)), [](server& one) -> task<> {
            std::vector<weir::socket> silent;
            for (int i = 0; i < 20; ++i) {
                auto made = weir::connect_to(std::string("127.0.0.1") + port_of(one));
                REQUIRE(made);
                REQUIRE(made->send("\x16"));
                silent.push_back(std::move(*made));
                co_await sleep(2ms);
                CHECK(one.stats().handshaking <= 4);
            }
            auto client = co_await connect_to(one, trusting());
            REQUIRE(client);
            CHECK(co_await ask(*client, "hello") == "hello");
            CHECK(one.stats().hits_of(limit_kind::handshakes) >= 17);
            silent.clear();
        });
        REQUIRE(log.lines.size() >= 17);
        CHECK(log.lines[0].ends_with(": dropped for newer ones: the limit of handshakes is reached"));
    });
}
