// Tests the textbook's remedies for gluing (T17 to T19), done with weir on real sockets. With every remedy except
// pacing, the messages arrive whole, however the bytes are sent.
#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/socket/support.h"
#include "weir/framing/record/record_codec.h"
#include "weir/stream/blocking_channel.h"

using namespace weir_test;
using weir::blocking_channel;
using weir::framing;

namespace {

// Sends `wire` in pieces of each size. Checks that the messages `expected` arrive each time.
void comes_whole(const framing& described, bytes_view wire, const std::vector<std::string>& expected) {
    on_each_family([&](address_family family) {
        server listening(family);
        for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
            CAPTURE(cut);
            auto [client, peer] = listening.pair();
            blocking_channel reader(std::move(peer), described);
            std::thread writer([cut, wire, &to = client] {
                const std::size_t step = cut == 0 ? 1 : cut;
                for (std::size_t place = 0; place < wire.size(); place += step) {
                    if (!to.send_all(wire.part(place, std::min(step, wire.size() - place)))) return;
                }
                static_cast<void>(to.close());
            });
            for (const auto& one : expected) {
                auto message = reader.receive(within(10s));
                CHECK(message);
                if (message) CHECK(message->text() == one);
            }
            CHECK(reader.receive(within(10s)) == errc::closed);
            writer.join();
        }
    });
}

struct reading {
    std::uint32_t id;
    std::string name;
    float value;
};
constexpr auto codec = weir::record("!I8sf", &reading::id, &reading::name, &reading::value);

}  // namespace

TEST_CASE_FIXTURE(counted, "T17: with an end mark three glued sends are three messages") {
    comes_whole(framing::lines(), "one\ntwo\nthree\n", {"one", "two", "three"});
    // A mark in the payload would end the message too early; an escape prevents this.
    comes_whole(*framing::parse("delimited:7e,escape=7d01:7d/7d02:7e"), bytes_view("a\x7d\x02z\x7e\x7d\x01\x7e"),
                {"a\x7ez", "\x7d"});
}

TEST_CASE_FIXTURE(counted, "T18: a struct has a fixed size, typed fields, and a declared byte order") {
    weir::buffer wire;
    REQUIRE(codec.pack({1, "north", 0.5F}, wire));
    REQUIRE(codec.pack({2, "south", -2.0F}, wire));
    CHECK(wire.size() == 32);
    // The bytes of Python's struct.pack("!I8sf", 1, b"north", 0.5).
    CHECK(wire.view().first(16) == bytes_view(std::string("\0\0\0\1north\0\0\0\x3f\0\0\0", 16)));
    const std::string both(wire.view().text());
    comes_whole(framing::record(codec.format()), wire.view(), {both.substr(0, 16), both.substr(16)});
    const auto second = codec.unpack(wire.view().from(16));
    REQUIRE(second);
    CHECK(second->id == 2);
    CHECK(second->name == "south");
    CHECK(second->value == -2.0F);
}

TEST_CASE_FIXTURE(counted, "T18: with a length field, messages may have any size") {
    comes_whole(framing::len32(), std::string("\0\0\0\3one\0\0\0\0\0\0\0\5three", 20), {"one", "", "three"});
}

TEST_CASE_FIXTURE(counted,
                  "T19: the framing idle takes a pause for a boundary, and fails when the pauses are lost on the way") {
    server listening(weir::socket::ipv4);
    auto [client, peer] = listening.pair();
    blocking_channel reader(std::move(peer), *framing::parse("idle:20ms"));
    for (const std::string words : {"one", "two"}) {  // the reader keeps up
        REQUIRE(client.send(words));
        auto message = reader.receive(within(10s));
        REQUIRE(message);
        CHECK(message->text() == words);
    }
    // The messages are sent with pauses of 60 ms, but read late: the stream does not contain the pauses.
    for (const auto* const words : {"three", "four"}) {
        REQUIRE(client.send(words));
        std::this_thread::sleep_for(60ms);
    }
    auto glued = reader.receive(within(10s));
    REQUIRE(glued);
    CHECK(glued->text() == "threefour");
}
