// Peers that misbehave: they use no TLS, break records, end without close_notify, flood, or stall.
#include "tests/tls/serving.h"

using namespace weir_test;

TEST_CASE("a TLS server reports plain text with its protocol, and a TLS client fails at a plain server") {
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
        CHECK(log.lines[1].find(": the peer does not speak TLS: this looks like plain text (\"hello") !=
              std::string::npos);
        co_await serve_while({}, [](server& one) -> task<> {
            auto client = co_await connect_to(one, trusting());
            CHECK_FALSE(client);
        });
    });
}

TEST_CASE("a connection that ends without close_notify is truncated, even at a message boundary") {
    on_each_kernel_loop([]() -> task<> {
        for (int which = 0; which < 4; ++which) {
            const bool accepts = which / 2 == 1;
            const bool says = which % 2 == 1;
            auto how = served_for({"DNS:localhost"});
            how.accept_missing_close_notify = accepts;
            auto met = co_await served_to_raw(secure(how));
            channel& served = met.one;
            raw_peer& peer = *met.peer;
            peer.send("one\n");
            if (says) peer.say_close_notify();
            REQUIRE(peer.wire.shutdown(half::send));
            CHECK(co_await served.receive());
            CHECK_FALSE(co_await served.receive());
            CHECK(served.close_reason() == (says || accepts ? errc::closed : errc::truncated));
            if (!says && !accepts) {
                CHECK(served.close_reason().message().ends_with(
                    "the connection ended without close_notify, so the peer may not be the one that ended it"));
            }
        }
    });
}

TEST_CASE("a changed record, one that is too long, or an alert ends the connection with a reason") {
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
         errc::malformed, "tls: a record was changed in transit"},
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
            auto met = co_await served_to_raw(secure());
            channel& served = met.one;
            raw_peer& peer = *met.peer;
            peer.send("first\n");
            CHECK(co_await served.receive());
            how.send(peer);
            CHECK_FALSE(co_await served.receive());
            CHECK(served.close_reason() == how.expected);
            const std::string said = served.close_reason().message();
            CHECK_MESSAGE(said.find(how.text) != std::string::npos, said);
            {
                const channel closed = std::move(served);
            }
            CHECK(co_await peer.sees_end());
        };
        for (const auto kind : {backend_kind::epoll, backend_kind::io_uring}) {
            loop here(std::move(*open_backend(kind)));
            here.run(main(each));
        }
    }
}

TEST_CASE("keys change during a connection, and the answers to a peer that always requests new keys are limited") {
    on_each_kernel_loop([]() -> task<> {
        auto met = co_await served_to_raw(secure());
        channel& served = met.one;
        raw_peer& peer = *met.peer;
        for (int i = 0; i < 3; ++i) {
            REQUIRE(SSL_key_update(peer.machine.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
            peer.send("hello\n");
            auto got = co_await served.receive();
            REQUIRE(got);
            co_await served.send(*got);
            CHECK(co_await peer.receive(6) == "hello\n");
        }
        // The peer requests new keys and reads no answer. The queued answers are limited, so the channel stops reading.
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
        co_await when_all(receiving(served), flooding(peer, taken));
        CHECK(taken < 2'000'000);
        served.abort();
    });
}

TEST_CASE("a flood of key updates ends the connection, and does not block its loop for long") {
    on_each_kernel_loop([]() -> task<> {
        auto met = co_await served_to_raw(secure());
        channel& served = met.one;
        raw_peer& peer = *met.peer;
        while (peer.output.size() < 150'000) {
            REQUIRE(SSL_key_update(peer.machine.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
            bytes_view nothing;
            peer.machine.shake(nothing, peer.output);  // here it only writes the key update
        }
        auto flooding = [](raw_peer& by) -> task<> {
            for (int i = 0; i < 2000 && !by.output.empty(); ++i) {
                auto sent = by.wire.send(by.output.view(), deadline(time_point::min()));
                if (sent) by.output.consume(*sent);
                else if (!(sent == errc::would_block || sent == errc::timed_out)) break;
                co_await sleep(1ms);
            }
        };
        auto receiving = [](channel& one) -> task<> {
            CHECK_FALSE(co_await one.receive());
            CHECK(one.close_reason() == errc::malformed);
            CHECK(one.close_reason().message().ends_with("a flood of key updates"));
            one.abort();
        };
        co_await when_all(flooding(peer), receiving(served));
    });
}

TEST_CASE("an end inside a record is truncated, even if a missing close_notify is accepted") {
    on_each_kernel_loop([]() -> task<> {
        auto how = served_for({"DNS:localhost"});
        how.accept_missing_close_notify = true;
        auto met = co_await served_to_raw(secure(how));
        channel& served = met.one;
        raw_peer& peer = *met.peer;
        REQUIRE(peer.machine.write("a line\n", peer.output) == internal::tls_machine::step::done);
        peer.output.truncate(peer.output.size() - 1);
        peer.push();
        REQUIRE(peer.wire.shutdown(half::send));
        CHECK_FALSE(co_await served.receive());
        CHECK(served.close_reason() == errc::truncated);
    });
}

TEST_CASE("handshakes have their own limit: one without progress is dropped for a newer one") {
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
        CHECK(log.lines[0].ends_with(": dropped in favour of newer handshakes: the limit of handshakes is reached"));
    });
}

TEST_CASE("a partial session ticket delays sends, whether the channel receives or not") {
    on_each_kernel_loop([]() -> task<> {
        for (int which = 0; which < 4; ++which) {
            const bool receives = which % 2 == 1;
            const bool only_ends = which / 2 == 1;
            auto asks = served_for({"DNS:localhost"});
            asks.clients = tls::client_certificate::required;
            asks.client_authorities_pem = root().pem();
            auto how = trusting();
            how.host = "localhost";
            how.own = root().issue({.owner = "CN=" + std::string(60, 'x') + ",O=" + std::string(60, 'y')}).with();
            auto met = co_await connected_to_raw(tls::client(how), *tls_context::of_server(asks), {});
            raw_peer& peer = *met.peer;
            SSL_set_max_send_fragment(peer.machine.get(), 512);
            REQUIRE(SSL_new_session_ticket(peer.machine.get()) == 1);
            bytes_view nothing;
            peer.machine.shake(nothing, peer.output);
            REQUIRE(peer.output.size() > 600);
            REQUIRE(peer.wire.send(peer.output.view().first(540)));
            peer.output.consume(540);
            auto talking = [](channel& one, bool is_receiving, bool ends) -> task<> {
                if (is_receiving) CHECK(co_await one.receive(loop::current().now() + 20ms) == errc::timed_out);
                if (!ends) co_await one.send("hello");
                one.shutdown_send();
                auto flushed = co_await one.flush();
                CHECK(flushed);
            };
            auto completing = [](raw_peer& by, bool ends) -> task<> {
                co_await sleep(50ms);
                by.push();
                if (!ends) CHECK(co_await by.receive(6) == "hello\n");
                CHECK(co_await by.sees_end());
                CHECK_FALSE(by.machine.is_open());  // ended by close_notify
                CHECK_FALSE(by.machine.has_failed());
            };
            co_await when_all(talking(met.one, receives, only_ends), completing(peer, only_ends));
        }
    });
}
