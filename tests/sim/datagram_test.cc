// Datagrams of the simulated network.
#include <doctest/doctest.h>

#include "recorders.h"

using namespace std::chrono_literals;
using weir::choices;
using weir::errc;
using weir::outcome;
using weir::sim::network;
using weir_test::pass;
using weir_test::postman;

namespace {

weir::address at(const char* text) { return *weir::address::parse(text); }

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("datagrams arrive whole and in order, with the address of their sender") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        network net(choices::random(seed));
        postman server(net, at("10.0.0.2:53"), {});
        postman client(net, {}, at("10.0.0.2:53"));
        CHECK(client.port->peer_address() == at("10.0.0.2:53"));
        CHECK(client.port->local_address().to_string().starts_with("10.0.0.1:"));
        for (const char* const one : {"first", "", "third"}) CHECK(client.port->send(one, {}).good());
        pass(net, 1s);
        server.ask();
        while (server.is_asking) net.wait({});
        CHECK(server.came.at(0).from == client.port->local_address());
        CHECK(server.came.at(0).full_size == 5);
        CHECK(server.all() == texts{"first", "", "third"});
        CHECK(server.port->send("reply", client.port->local_address()).good());
        CHECK(client.all() == texts{"reply"});
    }
}

TEST_CASE("a connected port receives only from its peer, or the error `refused` if there is no peer") {
    network net(choices::replay({}));
    postman client(net, at("127.0.0.1:1000"), at("127.0.0.1:2000"));
    CHECK(client.port->send("hello", {}).good());
    pass(net, 1s);
    CHECK(client.port->send("hello", {}) == outcome{errc::refused, 111});
    CHECK(client.port->send("hello", {}).good());
    pass(net, 1s);
    client.ask();
    REQUIRE(client.came.size() == 1);
    CHECK(client.came[0].how == outcome{errc::refused, 111});
    client.came.clear();
    postman stranger(net, at("127.0.0.1:3000"), {});
    postman peer(net, at("127.0.0.1:2000"), {});
    CHECK(stranger.port->send("from a stranger", at("127.0.0.1:1000")).good());
    CHECK(peer.port->send("from the peer", at("127.0.0.1:1000")).good());
    CHECK(client.all() == texts{"from the peer"});
}

TEST_CASE("calls that make no sense are refused with the error numbers of Linux") {
    network net(choices::replay({}));
    postman one(net, at("127.0.0.1:1000"), {});
    CHECK(net.open_port(at("127.0.0.1:1000"), {}) == errc::in_use);
    CHECK(net.open_port(at("127.0.0.1:0"), at("[::1]:1")) == errc::unsupported);
    CHECK(one.port->send("to nobody", {}) == outcome{errc::invalid, 89});
    CHECK(one.port->send("x", at("[::1]:1")) == outcome{errc::unsupported, 97});
    const std::string large(65'508, 'x');
    CHECK(one.port->send(large, at("127.0.0.1:1")) == outcome{errc::too_large, 90});
    CHECK(one.port->send(std::string_view(large).substr(1), at("127.0.0.1:1")).good());
    postman local(net, at("unix:/a"), {});
    CHECK(local.port->send("x", at("unix:/never")) == outcome{errc::not_found, 2});
    CHECK(local.port->send("x", at("unix:@never")) == outcome{errc::refused, 111});
    CHECK(net.open_descriptors() == 2);
}

TEST_CASE("a datagram over the maximum size is truncated, and its full size is reported") {
    network net(choices::replay({}));
    postman server(net, at("unix:/a"), {});
    postman client(net, {}, at("unix:/a"));
    CHECK(client.port->send(std::string(100'000, 'x'), {}).good());
    pass(net, 1s);
    server.ask();
    REQUIRE(server.came.size() == 1);
    CHECK(server.came[0].full_size == 100'000);
    CHECK(server.came[0].bytes.size() == 65'536);
}

TEST_CASE("a paused or closed port completes no receive, and a paused port keeps the datagrams that arrive") {
    network net(choices::replay({}));
    postman server(net, at("127.0.0.1:53"), {});
    postman client(net, {}, at("127.0.0.1:53"));
    server.ask();
    server.port->pause();
    server.is_asking = false;
    CHECK(client.port->send("kept", {}).good());
    pass(net, 1s);
    CHECK(server.came.empty());
    CHECK(server.all() == texts{"kept"});
    CHECK(client.port->send("lost", {}).good());
    server.port.reset();
    client.port.reset();
    pass(net, 1s);
    CHECK(server.came.empty());
}

TEST_CASE("a port drops datagrams that do not fit in its buffer, and partitioned hosts lose all datagrams") {
    weir::sim::network_options how;
    how.port_buffer_bytes = 25;
    network net(choices::replay({}), how);
    postman server(net, at("127.0.0.1:53"), {});
    postman client(net, {}, at("127.0.0.1:53"));
    for (const char* const one : {"ten bytes.", "ten bytes;", "ten bytes!", "five."})
        CHECK(client.port->send(one, {}).good());
    CHECK(server.all() == texts{"ten bytes.", "ten bytes;", "five."});
    net.partition(at("127.0.0.1:0"), at("127.0.0.1:0"));
    CHECK(client.port->send("lost", {}).good());
    pass(net, 1s);
    net.heal(at("127.0.0.1:0"), at("127.0.0.1:0"));
    CHECK(client.port->send("found", {}).good());
    CHECK(server.all() == texts{"found"});
}

TEST_CASE("datagrams are lost, doubled and reordered at the configured rates") {
    weir::sim::network_options how;
    how.lose_one_in = 10;
    how.double_one_in = 10;
    how.reorder_one_in = 10;
    network net(choices::random(1), how);
    postman server(net, at("127.0.0.1:53"), {});
    postman client(net, {}, at("127.0.0.1:53"));
    constexpr int rounds = 200, each = 10;
    int lost = 0, doubled = 0, late = 0;
    for (int round = 0; round < rounds; ++round) {
        for (char one = '0'; one < '0' + each; ++one) CHECK(client.port->send(std::string_view(&one, 1), {}).good());
        const texts came = server.all();
        for (char one = '0'; one < '0' + each; ++one) {
            const auto count = std::count(came.begin(), came.end(), std::string(1, one));
            CHECK(count <= 2);
            if (count == 0) ++lost;
            if (count == 2) ++doubled;
        }
        for (std::size_t i = 1; i < came.size(); ++i)
            if (came[i] < came[i - 1]) ++late;
    }
    CHECK(lost > 150);  // 200 of 2,000 are expected
    CHECK(lost < 250);
    CHECK(doubled > 130);  // 180 are expected
    CHECK(doubled < 230);
    CHECK(late > 50);
}
