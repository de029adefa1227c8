// A refused io_uring, and cases that need special code in the io_uring backend.
#include <liburing.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <vector>

#include "tests/conformance/backends.h"
#include "tests/refused_calls.h"
#include "weir/kernel/uring/uring_ring.h"

namespace {

using namespace weir_test;

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// Sends one message, receives its echo, and stops the server.
task<> ask(scope& all, server& served) {
    all.spawn(served.run(&echo));
    auto client = co_await connect(served.local_address().to_string(), framing::lines());
    REQUIRE(client);
    co_await client->send("hello");
    auto reply = co_await client->receive();
    REQUIRE(reply);
    CHECK(reply->text() == "hello");
    served.stop();
}

// Returns the remark about the backend that a server writes to its log.
task<std::string> talk() {
    std::string remark;
    server_options how;
    how.log = [&](const server_event& event) {
        if (event.what == server_event::kind::backend) remark = event.text;
    };
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    auto done = co_await in_scope(&ask, std::ref(*opened));
    CHECK(done);
    co_return remark;
}

// The listener is closed while an accept is in progress.
task<> close_and_bind() {
    auto listening = loop::current().backend().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    const address where = (*listening)->local_address();
    auto wait = [](acceptor& from) -> task<> {
        accepting arrives(from);
        co_await arrives;
    };
    auto first = co_await with_deadline(wait(**listening), loop::current().now() + 1ms);
    CHECK_FALSE(first);
    listening->reset();
    auto again = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
    REQUIRE(again);
    const auto bound = again->bind(where);
    CHECK_MESSAGE(bound, (bound ? "" : bound.error().message()));
}

// A blocking client, whose calls run no turn of the loop, and the channel at the other end.
struct outsider {
    weir::socket client;
    channel served;
};

task<outsider> outside(framing described) {
    auto listening = loop::current().backend().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    auto client = connect_to((*listening)->local_address().to_string());
    REQUIRE(client);
    accepting arrives(**listening);
    accepted_connection one = co_await arrives;
    REQUIRE(one.how.good());
    co_return outsider{std::move(*client), channel(std::move(one.connection), described, {}, one.peer)};
}

// Sends a few messages and receives each, then waits once in receive(). After that, the connection is like one that has
// been in use for a while.
task<> a_few_messages(outsider& both) {
    for (int i = 0; i < 3; ++i) {
        auto sent = both.client.send_all("before\n");
        REQUIRE(sent);
        auto got = co_await both.served.receive(loop::current().now() + 5s);
        REQUIRE(got);
        CHECK(got->text() == "before");
    }
    auto nothing = co_await both.served.receive(loop::current().now() + 1ms);
    CHECK(nothing == errc::timed_out);
}

// The last message and a reset arrive while no task receives or sends; a send would report the reset. Before them,
// other messages arrive while no task receives, so that the receive has to be submitted again. Their number is
// `unrequested`.
task<> last_words(int unrequested) {
    task<outsider> opening = outside(framing::lines());
    outsider both = co_await std::move(opening);
    co_await a_few_messages(both);
    for (int i = 0; i < unrequested; ++i) {
        auto sent = both.client.send_all("unrequested\n");
        REQUIRE(sent);
        co_await sleep(5ms);
    }
    static_cast<void>(both.client.set(option::linger, std::optional<duration>(duration::zero())));
    auto sent = both.client.send_all("last words\n");
    REQUIRE(sent);
    static_cast<void>(both.client.close());
    for (int i = 0; i < unrequested; ++i) {
        auto got = co_await both.served.receive(loop::current().now() + 5s);
        REQUIRE(got);
        CHECK(got->text() == "unrequested");
    }
    auto last = co_await both.served.receive(loop::current().now() + 5s);
    REQUIRE(last);
    CHECK(last->text() == "last words");
    auto end = co_await both.served.receive(loop::current().now() + 5s);
    CHECK(end == errc::reset);
}

// The same with large messages, then small ones, then large ones again. One receive takes all arrived bytes of a large
// message.
task<> large_last_words(bool resets) {
    task<outsider> opening = outside(framing::lines());
    outsider both = co_await std::move(opening);
    const std::string large(40'000, 'x');
    for (int turn = 0; turn < 30; ++turn) {
        const bool is_large = turn % 15 < 8;
        auto sent = both.client.send_all(is_large ? large + "\n" : "small\n");
        REQUIRE(sent);
        auto got = co_await both.served.receive(loop::current().now() + 5s);
        REQUIRE(got);
        CHECK(got->text() == (is_large ? large : "small"));
        if (turn % 4 != 0) continue;
        auto nothing = co_await both.served.receive(loop::current().now() + 1ms);
        CHECK(nothing == errc::timed_out);
    }
    if (resets) static_cast<void>(both.client.set(option::linger, std::optional<duration>(duration::zero())));
    auto sent = both.client.send_all(large + "\n");
    REQUIRE(sent);
    static_cast<void>(both.client.close());
    auto last = co_await both.served.receive(loop::current().now() + 5s);
    REQUIRE(last);
    CHECK(last->text() == large);
    auto end = co_await both.served.receive(loop::current().now() + 5s);
    CHECK(end == (resets ? errc::reset : errc::closed));
}

// Sends until no more bytes are accepted, while the loop runs and no task receives.
task<> not_read() {
    task<outsider> opening = outside(framing::lines());
    outsider both = co_await std::move(opening);
    co_await a_few_messages(both);
    static_cast<void>(both.client.set(option::send_buffer_bytes, 1 << 16));
    auto set = both.client.set_blocking(false);
    REQUIRE(set);
    const std::string lines = [] {
        std::string made;
        for (int i = 0; i < 1000; ++i) made += "a line that nobody reads for a while\n";
        return made;
    }();
    std::size_t taken = 0;
    for (int quiet = 0; quiet < 5;) {
        auto sent = both.client.send(lines);
        if (sent) {
            taken += *sent;
            quiet = 0;
        } else {
            REQUIRE(sent == errc::would_block);
            ++quiet;
            co_await sleep(2ms);
        }
        REQUIRE(taken < std::size_t{64} << 20);  // the kernel's buffers and the read-ahead of weir are limited
    }
    // Another connection is served meanwhile.
    task<outsider> opening_another = outside(framing::lines());
    outsider other = co_await std::move(opening_another);
    co_await a_few_messages(other);
    // All accepted bytes are received.
    std::size_t left = taken;
    static_cast<void>(both.client.close());
    while (auto got = co_await both.served.receive(loop::current().now() + 5s)) left -= got->size() + 1;
    CHECK(left < lines.size() / 1000);  // the last line may be partial
}

}  // namespace

TEST_CASE("a reset that arrives with the last bytes reaches a task that only receives") {
    for (const int unrequested : {0, 1, 2, 3}) {
        CAPTURE(unrequested);
        on_each_kernel_backend([&] { return last_words(unrequested); });
    }
}

TEST_CASE("an end or a reset that arrives with the last bytes of a large message is reported") {
    on_each_kernel_backend([] { return large_last_words(false); });
    on_each_kernel_backend([] { return large_last_words(true); });
}

TEST_CASE("reading ahead without a receiver is limited, and no byte that was read is lost") {
    on_each_kernel_backend(not_read);
}

TEST_CASE("if io_uring is refused, a loop uses epoll, and reports that") {
    for (const unsigned number : {unsigned{EPERM}, unsigned{ENOSYS}}) {
        CAPTURE(number);
        std::thread([number] {
            REQUIRE(refuse({__NR_io_uring_setup}, number));
            loop here(system_backend());
            CHECK(here.backend().kind() == backend_kind::epoll);
            CHECK(here.backend().remark().find("io_uring cannot be used, so weir uses epoll: io_uring_setup") == 0);
            const std::string remark = here.run(talk());
            CHECK(remark == here.backend().remark());
            const auto asked_for = open_backend(backend_kind::io_uring);
            REQUIRE_FALSE(asked_for);
            CHECK(asked_for.error().code() == (number == EPERM ? errc::not_permitted : errc::unsupported));
        }).join();
    }
}

TEST_CASE("if io_uring is allowed, a loop uses it") {
    loop here(system_backend());
    CHECK(here.backend().kind() == backend_kind::io_uring);
    CHECK(here.backend().remark().empty());
    CHECK(here.run(talk()).empty());
}

TEST_CASE("a server that is closed frees its port at once") { on_each_kernel_backend(close_and_bind); }
