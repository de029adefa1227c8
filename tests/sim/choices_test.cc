// A simulated stream keeps its guarantees for all choices, and the same choices give the same run.
#include <doctest/doctest.h>

#include <set>

#include "recorders.h"

using namespace std::chrono_literals;
using weir::choices;
using weir::errc;
using weir::outcome;
using weir::sim::network;
using weir_test::dialogue;
using weir_test::pass;
using weir_test::receive_all;
using weir_test::talker;

namespace {

void wait_until_sent(network& net, talker& one) {
    while (one.is_sending) net.wait({});
    CHECK(one.send_ended == outcome{});
}

// Sends two bytes and receives one, and checks everything. Returns the sizes of the pieces that the server received.
std::vector<std::size_t> tiny_dialogue(network& net) {
    dialogue both(net);
    both.client.send("ab");
    wait_until_sent(net, both.client);
    CHECK(both.client.stream->shutdown_send()->good());
    receive_all(net, both.server);
    CHECK(both.server.came == "ab");
    CHECK(both.server.ended == outcome{});
    both.server.send("c");
    wait_until_sent(net, both.server);
    both.server.close();
    receive_all(net, both.client);
    CHECK(both.client.came == "c");
    CHECK(both.client.ended == outcome{});
    return both.server.pieces;
}

// One side of a dialogue. It sends, receives, pauses and ends as the choices decide, and records this.
struct side {
    talker talks;
    std::string sent;  // all bytes that were passed to the stream
    bool has_shut = false;
    bool has_closed = false;
    bool was_reset_by_me = false;
};

void act(network& net, side& one) {
    choices& draw = net.drawn();
    if (one.has_closed) return;
    switch (draw.below(8)) {
        case 0:
        case 1:
        case 2: one.talks.receive(); break;
        case 3:
        case 4:
        case 5: {
            if (one.talks.is_sending || one.has_shut) break;
            if (one.talks.send_ended && !one.talks.send_ended->good()) break;
            std::string content(1 + draw.below(3000), ' ');
            for (char& letter : content) letter = static_cast<char>('a' + draw.below(26));
            one.sent += content;
            one.talks.send(content);
            break;
        }
        case 6:
            if (one.talks.is_sending || draw.below(8) != 7) break;
            one.has_shut = true;
            static_cast<void>(one.talks.stream->shutdown_send());
            break;
        default:
            if (draw.below(20) != 19) break;
            one.was_reset_by_me = draw.flip();
            one.talks.close(one.was_reset_by_me);
            one.has_closed = true;
    }
}

void check(const side& from, const side& to) {
    CHECK(from.sent.starts_with(to.talks.came));
    if (!to.talks.ended) return;
    // An end is reported only after all bytes, unless an error was reported before, or the peer closed and dropped its
    // unsent bytes.
    const bool told_of_error = to.talks.send_ended && !to.talks.send_ended->good();
    if (to.talks.ended->good() && !told_of_error && !from.has_closed) {
        CHECK(from.has_shut);
        CHECK(to.talks.came == from.sent);
    }
    if (!to.talks.ended->good()) {
        CHECK(to.talks.ended == outcome{errc::reset, 104});
        CHECK((from.has_closed || to.has_closed));
    }
}

std::uint64_t long_dialogue(network& net) {
    side client, server;
    dialogue both(net);
    client.talks.take(std::move(both.client.stream));
    server.talks.take(std::move(both.server.stream));
    for (int step = 0; step < 200; ++step) {
        act(net, client);
        act(net, server);
        if (net.drawn().flip()) net.wait(net.now() + 1ms);
        check(client, server);
        check(server, client);
    }
    // If neither side has closed, continue to the end of both streams.
    const bool in_peace = !client.has_closed && !server.has_closed;
    while (in_peace && !(client.talks.ended && server.talks.ended)) {
        for (side* const one : {&client, &server}) {
            if (!one->talks.is_sending && !one->has_shut) {
                CHECK((!one->talks.send_ended || one->talks.send_ended->good()));
                CHECK(one->talks.stream->shutdown_send()->good());
                one->has_shut = true;
            }
            while (one->talks.receive() && !one->talks.ended) {
            }
        }
        if (!(client.talks.ended && server.talks.ended)) net.wait({});
    }
    if (in_peace) {
        CHECK(client.talks.came == server.sent);
        CHECK(server.talks.came == client.sent);
        CHECK(client.talks.ended == outcome{});
        CHECK(server.talks.ended == outcome{});
    }
    check(client, server);
    check(server, client);
    return net.trace_hash();
}

}  // namespace

TEST_CASE("a tiny dialogue has the correct result for every possible choice") {
    weir::sim::network_options how;
    how.delay_steps = 2;
    std::set<std::vector<std::size_t>> cuts;
    choices draw = choices::replay({});
    std::size_t rows = 0;
    do {
        network net(draw, how);
        cuts.insert(tiny_dialogue(net));
        draw = net.drawn();
        ++rows;
    } while (draw.next_row());
    CHECK(cuts == std::set<std::vector<std::size_t>>{{1, 1}, {2}});
    CHECK(rows > 10'000);
}

TEST_CASE("each byte arrives once and in order, or the reset is reported, whatever the network does") {
    weir::sim::network_options how;
    how.send_buffer_bytes = 1000;
    how.receive_buffer_bytes = 700;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        network net(choices::random(seed), how);
        long_dialogue(net);
    }
}

TEST_CASE("a row of choices repeats its run, and another seed gives another run") {
    std::set<std::uint64_t> hashes;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        network net(choices::random(seed));
        const auto hash = long_dialogue(net);
        network same(choices::random(seed));
        CHECK(long_dialogue(same) == hash);
        network replayed(choices::replay(net.drawn().row()));
        CHECK(long_dialogue(replayed) == hash);
        hashes.insert(hash);
    }
    CHECK(hashes.size() == 50);
}

TEST_CASE("a failing run shrinks to the few choices that make it fail") {
    const auto is_torn = [](choices& draw) {
        network net(draw);
        dialogue both(net);
        both.client.send("abcdef");
        static_cast<void>(both.client.is_sending || both.client.stream->shutdown_send()->good());
        while (both.server.came.size() < 6) {
            if (!both.server.receive()) net.wait({});
        }
        CHECK(both.server.came == "abcdef");
        draw = net.drawn();
        return both.server.pieces.size() >= 3;
    };
    int partial = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        choices draw = choices::random(seed);
        if (!is_torn(draw)) continue;
        ++partial;
        const auto row = weir::shrink(draw.row(), is_torn);
        CAPTURE(choices::say(row));
        auto again = choices::replay(row);
        CHECK(is_torn(again));
        CHECK(row.size() <= 15);
        CHECK(std::count_if(row.begin(), row.end(), [](auto number) { return number != 0; }) <= 4);
    }
    CHECK(partial > 5);
}

// The trace depends only on the simulated network, never on the compiler, the library or the machine.
TEST_CASE("a seed has the same trace in every build") {
    network net(choices::random(2026));
    CHECK(long_dialogue(net) == 640'776'597'505'443'820u);
}
