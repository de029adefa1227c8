// Opening connections in the simulated network: listening, connecting, the backlog, names, and descriptors.
#include <doctest/doctest.h>

#include "recorders.h"

using namespace std::chrono_literals;
using weir::choices;
using weir::errc;
using weir::outcome;
using weir::time_point;
using weir::sim::network;
using weir_test::caller;
using weir_test::doorman;
using weir_test::pass;
using weir_test::talker;
using weir_test::without_delays;

namespace {

weir::address at(const char* text) { return *weir::address::parse(text); }

void call(network& net, caller& one, const weir::address& where) {
    auto begun = net.connect(where, one);
    REQUIRE(begun);
    one.on_its_way = std::move(*begun);
}

// Connects, and returns the result.
outcome answer(network& net, const weir::address& where) {
    caller one;
    call(net, one, where);
    CHECK(one.completions == 0);
    while (one.completions == 0) net.wait({});
    CHECK(one.completions == 1);
    CHECK((one.stream != nullptr) == one.how.good());
    return one.how;
}

}  // namespace

TEST_CASE("without a listener a connect is refused, after a while") {
    network net(choices::replay({}), without_delays());
    const time_point begun = net.now();
    CHECK(answer(net, at("10.1.2.3:80")) == outcome{errc::refused, 111});
    CHECK(net.now() > begun);
    CHECK(answer(net, at("unix:@nobody")) == outcome{errc::refused, 111});
    CHECK(answer(net, at("unix:/never/was")) == outcome{errc::not_found, 2});
    {
        auto door = net.listen("unix:/was/once", {});
        REQUIRE(door);
    }
    CHECK(answer(net, at("unix:/was/once")) == outcome{errc::refused, 111});
    CHECK(net.open_descriptors() == 0);
}

TEST_CASE("a connect to an empty address or to an unnamed Unix address is refused") {
    network net(choices::replay({}));
    caller one;
    CHECK(net.connect(weir::address(), one) == errc::unsupported);
    CHECK(net.connect(weir::address::local_unnamed(), one) == errc::invalid);
    CHECK(net.open_descriptors() == 0);
}

TEST_CASE("a host without a route is unreachable, and a partitioned one never answers") {
    weir::sim::network_options how = without_delays();
    how.unreachable.push_back(at("10.9.9.9:1"));
    network net(choices::replay({}), how);
    CHECK(answer(net, at("10.9.9.9:80")) == outcome{errc::unreachable, 113});
    net.partition(at("10.0.0.1:0"), at("10.8.8.8:0"));
    const time_point begun = net.now();
    CHECK(answer(net, at("10.8.8.8:80")) == outcome{errc::timed_out, 110});
    CHECK(net.now() - begun == 127s);
}

TEST_CASE("a connect that a partition interrupts completes once it has healed, and not before") {
    const auto host = weir::address::loopback_ipv4(0);
    int midway = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        network net(choices::random(seed));
        doorman door;
        door.take(*net.listen("127.0.0.1:9000", {}));
        door.ask();
        caller one;
        call(net, one, at("127.0.0.1:9000"));
        net.wait(net.now() + 200us * static_cast<int>(net.drawn().below(60)));
        const int before = one.completions;
        net.partition(host, host);
        pass(net, 10s);
        CHECK(one.completions == before);
        CHECK(door.came.size() == static_cast<std::size_t>(before));
        net.heal(host, host);
        pass(net, 20s);
        CHECK(one.completions == 1);
        CHECK(one.how.good());
        CHECK(door.came.size() == 1);
        midway += 1 - before;
    }
    CHECK(midway > 20);
}

TEST_CASE("an address has one listener, and is free when the listener has closed; port 0 chooses a free port") {
    network net(choices::replay({}));
    auto first = net.listen("10.0.0.7:9000", {});
    REQUIRE(first);
    CHECK(net.listen("10.0.0.7:9000", {}) == errc::in_use);
    CHECK(net.listen("*:9000", {}) == errc::in_use);
    CHECK(net.listen("0.0.0.0:9000", {}).error().system_code() == 98);
    CHECK(net.listen("10.0.0.8:9000", {}));
    CHECK(net.listen("[::1]:9000", {}));
    first->reset();
    CHECK(net.listen("*:9000", {}));
    auto one = net.listen("127.0.0.1:0", {});
    auto other = net.listen("127.0.0.1:0", {});
    REQUIRE(one);
    REQUIRE(other);
    CHECK((*one)->local_address().port() != 0);
    CHECK((*one)->local_address().port() != (*other)->local_address().port());
    auto named = net.listen("unix:", {});
    REQUIRE(named);
    CHECK((*named)->local_address().is_abstract());
    CHECK((*named)->local_address().local_name().size() == 5);
    CHECK(net.adopt_listener(weir::socket()) == errc::unsupported);
    CHECK(net.adopt(weir::socket()) == errc::unsupported);
}

TEST_CASE("a wildcard listener gets connections to any host; IPv4 addresses are mapped into IPv6, as on Linux") {
    network net(choices::replay({}), without_delays());
    doorman door;
    door.take(*net.listen("*:9000", {}));
    for (const char* const where : {"10.1.1.1:9000", "[fd00::7]:9000", "0.0.0.0:9000", "127.0.0.1:9000"}) {
        CHECK(answer(net, at(where)).good());
        door.ask();
        while (door.is_asking) net.wait({});
    }
    REQUIRE(door.came.size() == 4);
    CHECK(door.came[0].connection->local_address().to_string() == "[::ffff:10.1.1.1]:9000");
    CHECK(door.came[0].peer.to_string().starts_with("[::ffff:10.0.0.1]:"));
    CHECK(door.came[1].peer.to_string().starts_with("[fd00::1]:"));
    CHECK(door.came[2].peer.to_string().starts_with("[::ffff:127.0.0.1]:"));
    CHECK(answer(net, at("10.1.1.1:9001")).code == errc::refused);
}

TEST_CASE("a connect comes from the host that connect_from() has set") {
    network net(choices::replay({}));
    doorman door;
    door.take(*net.listen("10.0.0.9:1", {}));
    net.connect_from(at("10.3.3.3:0"));
    CHECK(answer(net, at("10.0.0.9:1")).good());
    net.connect_from({});
    CHECK(answer(net, at("10.0.0.9:1")).good());
    door.ask();
    while (door.is_asking) net.wait({});
    door.ask();
    while (door.is_asking) net.wait({});
    CHECK(door.came.at(0).peer.to_string().starts_with("10.3.3.3:"));
    CHECK(door.came.at(1).peer.to_string().starts_with("10.0.0.1:"));
}

TEST_CASE("with a backlog of n, n + 1 connects complete before an accept; the next one waits for room") {
    for (const char* const where : {"127.0.0.1:9000", "unix:@door"}) {
        CAPTURE(where);
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            network net(choices::random(seed));
            doorman door;
            door.take(*net.listen(where, weir::listen_options(2)));
            std::vector<caller> callers(5);
            for (auto& one : callers) call(net, one, at(where));
            const auto completed = [&] {
                return std::count_if(callers.begin(), callers.end(), [](auto& c) { return c.completions == 1; });
            };
            pass(net, 30s);
            CHECK(completed() == 3);
            door.ask();
            pass(net, 60s);
            CHECK(door.came.size() == 1);
            CHECK(completed() == 4);
            for (auto& one : callers)
                if (one.completions == 0) one.on_its_way.reset();  // cancels the connect
            door.ask();
            pass(net, 60s);
            door.ask();
            pass(net, 60s);
            door.ask();
            pass(net, 60s);
            door.ask();
            pass(net, 200s);
            CHECK(door.came.size() == 4);
            CHECK(completed() == 4);
            for (auto& one : callers) CHECK((one.completions == 0 || one.how.good()));
        }
    }
}

TEST_CASE("a negative backlog means the largest possible backlog") {
    network net(choices::replay({}), without_delays());
    const auto door = net.listen("127.0.0.1:9000", weir::listen_options(-1));
    for (int i = 0; i < 100; ++i) CHECK(answer(net, at("127.0.0.1:9000")).good());
    CHECK(net.now() < time_point(2s));
}

TEST_CASE("a connect that finds no room in a queue times out after two minutes") {
    network net(choices::replay({}), without_delays());
    auto door = net.listen("127.0.0.1:9000", weir::listen_options(0));
    caller first, second;
    call(net, first, at("127.0.0.1:9000"));
    call(net, second, at("127.0.0.1:9000"));
    while (second.completions == 0) net.wait({});
    CHECK(first.how.good());
    CHECK(second.how == outcome{errc::timed_out, 110});
    CHECK(net.now() == time_point(128s));
}

TEST_CASE("a listener that is paused gets no connection, and none is lost") {
    network net(choices::replay({}), without_delays());
    doorman door;
    door.take(*net.listen("127.0.0.1:9000", {}));
    door.ask();
    REQUIRE(door.is_asking);
    door.door->pause();
    door.is_asking = false;
    CHECK(answer(net, at("127.0.0.1:9000")).good());
    pass(net, 1s);
    CHECK(door.came.empty());
    door.ask();
    CHECK(door.came.size() == 1);
}

TEST_CASE("a listener that closes resets the connections in its queue, and pending connects are refused or reset") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        network net(choices::random(seed));
        auto door = net.listen("127.0.0.1:9000", {});
        caller one;
        call(net, one, at("127.0.0.1:9000"));
        net.wait(net.now() + 200us * static_cast<int>(net.drawn().below(60)));
        door->reset();
        while (one.completions == 0) net.wait({});
        if (!one.how.good()) {
            CHECK(one.how.code == errc::refused);
            continue;
        }
        talker accepted(std::move(one.stream));
        weir_test::receive_all(net, accepted);
        CHECK(accepted.ended == outcome{errc::reset, 104});
    }
}

TEST_CASE("a connect attempt that is destroyed does not complete, whenever it is destroyed") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        network net(choices::random(seed));
        doorman door;
        door.take(*net.listen("127.0.0.1:9000", {}));
        door.ask();
        caller one;
        call(net, one, at("127.0.0.1:9000"));
        net.wait(net.now() + 200us * static_cast<int>(net.drawn().below(60)));
        const int before = one.completions;
        one.on_its_way.reset();
        pass(net, 300s);
        CHECK(one.completions == before);
        CHECK(door.came.size() == static_cast<std::size_t>(before));
        CHECK(net.open_descriptors() == 1 + 2 * static_cast<std::size_t>(before));
    }
}

TEST_CASE("without free descriptors nothing is opened, and a connection that cannot be accepted stays in the queue") {
    weir::sim::network_options how;
    how.most_descriptors = 3;
    network net(choices::replay({}), how);
    doorman door;
    door.take(*net.listen("127.0.0.1:9000", {}));
    caller first, second, third;
    call(net, first, at("127.0.0.1:9000"));
    call(net, second, at("127.0.0.1:9000"));
    const auto refused = net.connect(at("127.0.0.1:9000"), third);
    CHECK(refused == errc::no_descriptors);
    CHECK(refused.error().system_code() == 24);
    CHECK(net.listen("127.0.0.1:9001", {}) == errc::no_descriptors);
    CHECK(net.open_port(at("127.0.0.1:1"), {}) == errc::no_descriptors);
    while (second.completions == 0) net.wait({});
    for (int i = 0; i < 3; ++i) {
        door.ask();
        REQUIRE(door.came.size() == 1);
        CHECK(door.came.front().how == outcome{errc::no_descriptors, 24});
        door.came.clear();
    }
    second.stream.reset();
    door.ask();
    REQUIRE(door.came.size() == 1);
    CHECK(door.came.front().how.good());
    CHECK(net.open_descriptors() == 3);
}

TEST_CASE("listeners that share an address each get a part of the connections") {
    weir::listen_options shared;
    shared.reuse_port = true;
    int first_got = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        network net(choices::random(seed));
        doorman first, second;
        first.take(*net.listen("127.0.0.1:9000", shared));
        second.take(*net.listen("127.0.0.1:9000", shared));
        CHECK(net.listen("127.0.0.1:9000", {}) == errc::in_use);
        first.ask();
        second.ask();
        CHECK(answer(net, at("127.0.0.1:9000")).good());
        pass(net, 1s);
        CHECK(first.came.size() + second.came.size() == 1);
        first_got += static_cast<int>(first.came.size());
    }
    CHECK(first_got > 25);
    CHECK(first_got < 75);
}

TEST_CASE("names are looked up in the table of the simulated network") {
    weir::sim::network_options how;
    how.names["example.org"] = {at("10.0.0.5:0"), at("[fd00::5]:0")};
    network net(choices::replay({}), how);
    const auto texts = [&](const char* text) {
        std::string all;
        const auto found = net.look_up(text)();
        if (!found) return found.error().message();
        for (const auto& one : *found) all.append(one.to_string()).append(" ");
        return all;
    };
    CHECK(texts("example.org:80") == "10.0.0.5:80 [fd00::5]:80 ");
    CHECK(texts("localhost:80") == "[::1]:80 127.0.0.1:80 ");
    CHECK(texts("*:80") == "[::]:80 0.0.0.0:80 ");
    CHECK(texts("10.1.1.1:80") == "10.1.1.1:80 ");
    CHECK(texts("unix:@x") == "unix:@x ");
    CHECK(texts("nobody.example:80") == "resolve nobody.example:80: there is no host \"nobody.example\"");
    CHECK(texts("example.org:xyz") == "resolve example.org:xyz: there is no service \"xyz\"");
    CHECK(net.look_up("example.org:99999")() == errc::not_found);
    CHECK(net.look_up("300.1.1.1:80")() == errc::malformed);
    CHECK(net.look_up("nothing at all")() == errc::malformed);
    CHECK(net.listen("nobody.example:80", {}) == errc::not_found);
    auto door = net.listen("example.org:80", {});
    REQUIRE(door);
    CHECK((*door)->local_address() == at("10.0.0.5:80"));
}
