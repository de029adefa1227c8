// Connections of the simulated network: bytes, room in buffers, and every kind of end, as on Linux (docs/behaviour.md).
#include <doctest/doctest.h>

#include "../aborting.h"
#include "recorders.h"
#include "weir/socket/kernel_view.h"

using namespace std::chrono_literals;
using weir::choices;
using weir::errc;
using weir::outcome;
using weir::sim::network;
using weir_test::dialogue;
using weir_test::pass;
using weir_test::receive_all;
using weir_test::without_delays;

namespace {

constexpr outcome reset{errc::reset, 104};
constexpr outcome broken_pipe{errc::broken_pipe, 32};

std::string text_of(std::size_t size) {
    std::string made(size, ' ');
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + i * 7 % 26);
    return made;
}

// A network in which each choice is the simplest one, and a dialogue in it.
struct plain {
    explicit plain(const std::string& where = "127.0.0.1:9000")
        : net(choices::replay({}), without_delays()), both(net, where) {}
    network net;
    dialogue both;
};

}  // namespace

TEST_CASE("bytes are sent in both directions, and both ends return the addresses") {
    plain here;
    auto& [client, server] = here.both;
    CHECK(client.send("ping"));
    CHECK_FALSE(server.receive());
    here.net.wait({});
    CHECK(server.came == "ping");
    CHECK(server.send("pong"));
    pass(here.net, 1s);
    CHECK(client.receive());
    CHECK(client.came == "pong");
    CHECK(client.stream->peer_address() == weir::address::loopback_ipv4(9000));
    CHECK(client.stream->local_address() == server.stream->peer_address());
    CHECK(client.stream->local_address().port() >= 32'768);
    CHECK(server.stream->local_address() == weir::address::loopback_ipv4(9000));
    CHECK(client.stream->ask_kernel() == errc::unsupported);
}

TEST_CASE("a send continues when there is room, and the stream holds no more bytes than fit in its buffers") {
    weir::sim::network_options how = without_delays();
    how.send_buffer_bytes = 100;
    how.receive_buffer_bytes = 50;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        network net(choices::random(seed), how);
        dialogue both(net);
        const std::string content = text_of(1000);
        CHECK_FALSE(both.client.send(content));
        pass(net, 10s);
        CHECK(both.client.is_sending);
        CHECK(both.client.stream->unsent() == 1000 - 150);
        std::size_t before = 850;
        while (both.server.came.size() < content.size()) {
            if (!both.server.receive() && both.server.is_receiving) net.wait({});
            CHECK(both.client.stream->unsent() <= before);
            before = both.client.stream->unsent();
            CHECK(1000 - before <= both.server.came.size() + 150);
        }
        pass(net, 1s);
        CHECK_FALSE(both.client.is_sending);
        CHECK(both.client.send_ended == outcome{});
        CHECK(both.server.came == content);
    }
}

TEST_CASE("after a half-close the peer receives all bytes and then the end, and the other direction continues") {
    for (const char* const where : {"127.0.0.1:9000", "unix:/run/x"}) {
        plain here(where);
        auto& [client, server] = here.both;
        CHECK(client.send("all of it"));
        CHECK(client.stream->shutdown_send()->good());
        receive_all(here.net, server);
        CHECK(server.came == "all of it");
        CHECK(server.ended == outcome{});
        CHECK(server.send("thanks"));
        CHECK(server.stream->shutdown_send()->good());
        receive_all(here.net, client);
        CHECK(client.came == "thanks");
        CHECK(client.ended == outcome{});
        CHECK(client.send("more"));
        CHECK(client.send_ended == broken_pipe);
    }
}

TEST_CASE("after a close the peer receives the end; its first send succeeds, and its next one is a broken pipe") {
    plain here;
    auto& [client, server] = here.both;
    CHECK(client.send("last words"));
    client.close();
    receive_all(here.net, server);
    CHECK(server.came == "last words");
    CHECK(server.ended == outcome{});
    CHECK(server.send("hello?"));
    CHECK(server.send_ended == outcome{});
    pass(here.net, 1s);
    CHECK(server.send("hello?"));
    CHECK(server.send_ended == broken_pipe);
}

TEST_CASE("a close with unread input is a reset: the peer receives earlier bytes, and then the error once") {
    plain here;
    auto& [client, server] = here.both;
    CHECK(client.send("arrives"));
    CHECK(server.send("unread"));
    pass(here.net, 1s);
    client.close();
    pass(here.net, 1s);
    CHECK(server.receive());
    CHECK(server.came == "arrives");
    CHECK(server.receive());
    CHECK(server.ended == reset);
    CHECK(server.send("more"));
    CHECK(server.send_ended == broken_pipe);
    CHECK(server.stream->shutdown_send() == outcome{errc::not_connected, 107});
}

TEST_CASE("input that arrived before a reset is received before it") {
    plain here;
    auto& [client, server] = here.both;
    CHECK(client.send("this arrives"));
    pass(here.net, 1s);
    client.close(true);
    pass(here.net, 1s);
    CHECK(server.receive());
    CHECK(server.came == "this arrives");
    CHECK(server.receive());
    CHECK(server.ended == reset);
}

TEST_CASE("a reset drops bytes that were not sent, and may lose bytes that are on their way") {
    std::size_t nothing = 0, something = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        network net(choices::random(seed));
        dialogue both(net);
        both.client.send("on its way");
        net.wait(net.now());
        both.client.close(true);
        receive_all(net, both.server);
        CHECK(std::string_view("on its way").starts_with(both.server.came));
        CHECK(both.server.ended == reset);
        ++(both.server.came.empty() ? nothing : something);
    }
    CHECK(nothing > 40);
    CHECK(something > 40);
}

TEST_CASE("a reset completes a pending receive and a pending send") {
    weir::sim::network_options how = without_delays();
    how.send_buffer_bytes = how.receive_buffer_bytes = 10;
    network net(choices::replay({}), how);
    dialogue both(net);
    both.server.receive();
    CHECK_FALSE(both.server.send(text_of(100)));
    pass(net, 1s);
    both.client.close(true);
    pass(net, 1s);
    CHECK(both.server.ended == reset);
    CHECK(both.server.send_ended == broken_pipe);
    CHECK(both.server.stream->unsent() == 0);
}

TEST_CASE("if a send has returned the reset, a later receive returns the end of stream, as on Linux") {
    plain here;
    auto& [client, server] = here.both;
    client.close(true);
    pass(here.net, 1s);
    CHECK(server.send("x"));
    CHECK(server.send_ended == reset);
    CHECK(server.receive());
    CHECK(server.ended == outcome{});
}

TEST_CASE("a closed connection answers input with a reset") {
    plain here;
    auto& [client, server] = here.both;
    CHECK(server.send("crosses the close"));
    client.close();
    pass(here.net, 1s);
    CHECK(server.send("after it"));
    CHECK(server.send_ended == broken_pipe);  // because the end of stream had arrived before the reset
    CHECK(server.receive());
    CHECK(server.ended == outcome{});
}

TEST_CASE("a Unix socket reports at once that its peer has closed, and a reset drops no sent bytes") {
    plain here("unix:@name");
    auto& [client, server] = here.both;
    CHECK(server.stream->local_address().to_string() == "unix:@name");
    CHECK(client.stream->peer_address().to_string() == "unix:@name");
    CHECK(server.send("unread"));
    pass(here.net, 1s);
    CHECK(client.send("arrives all the same"));
    client.close();
    CHECK(server.send("x"));
    CHECK(server.send_ended == broken_pipe);
    pass(here.net, 1s);
    receive_all(here.net, server);
    CHECK(server.came == "arrives all the same");
    CHECK(server.ended == reset);
}

TEST_CASE("on a Unix socket a close with a reset is an ordinary close") {
    plain here("unix:/run/x");
    here.both.client.close(true);
    receive_all(here.net, here.both.server);
    CHECK(here.both.server.ended == outcome{});
}

TEST_CASE("a stream that was closed completes no pending operation") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        network net(choices::random(seed));
        dialogue both(net);
        both.server.receive();
        both.client.send("on its way");
        if (net.drawn().flip()) both.server.send("this too");
        if (net.drawn().flip()) net.wait(net.now() + 1ms);
        both.server.close(net.drawn().flip());
        const std::size_t before = both.server.pieces.size();
        pass(net, 20s);
        CHECK(both.server.pieces.size() == before);
        CHECK_FALSE(both.server.ended);
    }
}

TEST_CASE("a connection is reset by a device on the path, or at the configured rate") {
    plain here;
    auto& [client, server] = here.both;
    client.receive();
    server.receive();
    CHECK(here.net.reset(server.stream->local_address(), client.stream->local_address()));
    CHECK_FALSE(here.net.reset(server.stream->local_address(), client.stream->local_address()));
    pass(here.net, 1ms);
    CHECK(client.ended == reset);
    CHECK(server.ended == reset);

    weir::sim::network_options how = without_delays();
    how.reset_one_in = 10;
    how.most_segment_bytes = 1;
    int resets = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        network net(choices::random(seed), how);
        dialogue both(net);
        both.client.send("0123456789");
        if (both.client.send_ended) static_cast<void>(both.client.stream->shutdown_send());
        pass(net, 1s);
        both.server.receive();
        if (!both.server.ended) pass(net, 1s);
        while (!both.server.ended && both.server.receive()) {
        }
        if (both.server.ended == reset) ++resets;
    }
    CHECK(resets > 100);  // expected: 0.65 (1 - 0.9^10) of the connections that ended
    CHECK(resets < 290);
}

TEST_CASE("partitioned hosts receive nothing, and all bytes arrive after the partition has healed") {
    plain here;
    auto& [client, server] = here.both;
    const auto host = weir::address::loopback_ipv4(0);
    here.net.partition(host, host);
    CHECK(client.send("patience"));
    pass(here.net, 60s);
    CHECK_FALSE(server.receive());
    pass(here.net, 60s);
    CHECK(server.came.empty());
    here.net.heal(host, host);
    here.net.wait({});
    CHECK(server.came == "patience");
    CHECK(here.net.now() < weir::time_point(400s));
}

TEST_CASE("a sender without acknowledgements times out after a quarter of an hour, and its peer is not notified") {
    plain here;
    auto& [client, server] = here.both;
    const auto host = weir::address::loopback_ipv4(0);
    here.net.partition(host, host);
    CHECK(client.send("anybody?"));
    client.receive();
    server.receive();
    here.net.wait({});
    CHECK(client.ended == outcome{errc::timed_out, 110});
    CHECK(here.net.now() >= weir::time_point(924s));
    CHECK(here.net.now() < weir::time_point(1100s));
    here.net.heal(host, host);
    pass(here.net, 1000s);
    CHECK_FALSE(server.ended);
    CHECK(server.send("are you there?"));  // the connection is half-open, so the answer is a reset
    pass(here.net, 1s);
    CHECK(server.ended == reset);
}

TEST_CASE("the user of a stream may receive and send in its completion functions") {
    struct greedy final : weir::byte_stream::user {
        explicit greedy(weir::byte_stream& one) : stream(one) { stream.set_user(*this); }
        void ask() {
            auto came = stream.receive();
            for (; came && !came->bytes.empty(); came = stream.receive()) text += came->bytes.view().text();
            if (came) has_ended = true;
        }
        void on_received(weir::arrival came) noexcept override {
            text += came.bytes.view().text();
            if (came.bytes.empty()) {
                has_ended = true;
            } else {
                ask();
            }
        }
        void on_sent(outcome) noexcept override {
            if (--rounds > 0) send();
        }
        void send() {
            for (bool more = true; more && rounds > 0; rounds -= more ? 1 : 0) {
                weir::buffer out;
                out.append(text_of(30));
                more = stream.send(out).has_value();
            }
        }
        weir::byte_stream& stream;
        std::string text;
        int rounds = 20;
        bool has_ended = false;
    };
    weir::sim::network_options how;
    how.send_buffer_bytes = how.receive_buffer_bytes = 20;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        network net(choices::random(seed), how);
        dialogue both(net);
        greedy client(*both.client.stream), server(*both.server.stream);
        server.ask();
        client.send();
        while (client.rounds > 0) net.wait({});
        CHECK(client.stream.shutdown_send()->good());
        while (!server.has_ended) net.wait({});
        std::string all;
        for (int i = 0; i < 20; ++i) all += text_of(30);
        CHECK(server.text == all);
    }
}

TEST_CASE("closing a stream in a completion function of its user fails a check") {
    struct impatient final : weir::byte_stream::user {
        explicit impatient(weir::byte_stream& one) : stream(one) {}
        void on_received(weir::arrival) noexcept override { stream.close(); }
        void on_sent(outcome) noexcept override {}
        weir::byte_stream& stream;
    };
    const auto [said, aborted] = weir_test::aborting([] {
        plain here;
        impatient one(*here.both.server.stream);
        one.stream.set_user(one);
        static_cast<void>(one.stream.receive());
        here.both.client.send("x");
        here.net.wait({});
    });
    CHECK(aborted);
    CHECK(said.find("let the loop do that later") != said.npos);
}
