// weir::handshake: a coroutine reads and sends bytes of a stream before the first message.
#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// Wraps the call in a task, because with_deadline() needs a task.
task<result<void>> receive_from(handshake& one) { co_return co_await one.receive_more(); }

}  // namespace

TEST_CASE("a cancelled receive of a handshake loses nothing, and the two sides exchange bytes") {
    on_each_backend([]() -> task<> {
        auto [first, second] = stream_pair();
        handshake one(std::move(first));
        handshake other(std::move(second));
        auto late = co_await with_deadline(receive_from(one), loop::current().now() + 5ms);
        CHECK(late == errc::timed_out);
        CHECK(co_await other.send("hel"));
        auto got = co_await one.receive_more();
        REQUIRE(got);
        CHECK(one.received().view().text() == "hel");
        CHECK(co_await other.send("lo"));
        got = co_await one.receive_more();
        REQUIRE(got);
        CHECK(one.received().view().text() == "hello");
        CHECK(co_await one.send(""));
        one.received().clear();
        channel now(one.release(), framing::lines());
        channel then(other.release(), framing::lines());
        co_await then.send("as a channel");
        auto message = co_await now.receive();
        REQUIRE(message);
        CHECK(message->text() == "as a channel");
    });
}

TEST_CASE("bytes that arrive while no task waits complete the next receive of a handshake at once") {
    on_each_backend([]() -> task<> {
        auto [first, second] = stream_pair();
        handshake one(std::move(first));
        handshake other(std::move(second));
        auto late = co_await with_deadline(receive_from(one), loop::current().now() + 5ms);
        CHECK(late == errc::timed_out);
        CHECK(co_await other.send("all"));
        co_await sleep(5ms);
        auto seen_now = co_await with_deadline(receive_from(one), loop::current().now() + 5ms);
        CHECK(seen_now);
        CHECK(one.received().view().text() == "all");
    });
}

TEST_CASE("a handshake halts after a receive that timed out, and passes its stream to a channel") {
    on_each_backend([]() -> task<> {
        auto listening = loop::current().backend().listen("127.0.0.1:0", {});
        REQUIRE(listening);
        task<result<owned_stream>> connecting = connect_stream((*listening)->local_address().to_string());
        auto made = co_await std::move(connecting);
        REQUIRE(made);
        accepting arrives(**listening);
        accepted_connection served = co_await arrives;
        REQUIRE(served.how.good());
        handshake one(std::move(served.connection));
        auto late = co_await with_deadline(receive_from(one), loop::current().now() + 5ms);
        CHECK(late == errc::timed_out);
        const auto halted = co_await one.halt();
        REQUIRE(halted);
        channel server_side(one.release(), framing::lines());
        channel client = adopt_stream(std::move(*made), framing::lines());
        co_await client.send("no header");
        auto got = co_await server_side.receive();
        REQUIRE(got);
        CHECK(got->text() == "no header");
    });
}
