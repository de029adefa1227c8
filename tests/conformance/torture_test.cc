// Each allocation and each fallible system call of a dialogue fails once: a connection may end by it, and says why; the process, the server
// and its next client go on, and nothing leaks. And so many in a row fail, as where memory is gone for a while.
#include <exception>

#include "tests/conformance/injected.h"
#include "tests/conformance/worlds.h"
#include "tests/open_descriptors.h"
#include "weir/socket/clock.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// What can be seen of a run.
struct seen {
    bool first_was_served = false;
    bool next_was_served = false;
    bool has_listened = false;
    std::string reason;  // why the first was not served
};

// Small messages, one that does not fit in a read, and a polite end.
task<> talks(std::string where, bool& was_served, std::string& reason) {
    try {
        auto connecting = connect(where, framing::len32(), {}, loop::current().now() + 5s);
        auto made = co_await std::move(connecting);
        if (!made) {
            reason = made.error().message();
            co_return;
        }
        for (const std::size_t size : {5U, 300'000U, 7U}) {
            const std::string words(size, 'w');
            auto sent = co_await made->send(words);
            auto reply = co_await made->receive(loop::current().now() + 5s);
            if (!reply) {
                reason = sent ? reply.error().message() : sent.error().message();
                co_return;
            }
            if (reply->text() != words) {
                reason = "wrong";
                co_return;
            }
        }
        made->shutdown_send();
        auto end = co_await made->receive(loop::current().now() + 5s);
        was_served = end == errc::closed;
        if (!was_served) reason = end ? "more came" : end.error().message();
    } catch (const std::exception& thrown) {
        reason = thrown.what();
    }
}

task<> beside(scope& children, server& one, seen& all) {
    children.spawn(one.run(&echo));
    const std::string where = one.local_address().to_string();
    co_await talks(where, all.first_was_served, all.reason);
    injected_failure::disarm();
    std::string reason;
    co_await talks(where, all.next_was_served, reason);
    one.stop();
}

task<> dialogue(seen& all) {
    try {
        server_options how;
        how.limits.drain = 1s;
        how.log = [](const server_event&) {};
        auto opened = server::listen("127.0.0.1:0", framing::len32(), std::move(how));
        if (!opened) {
            all.reason = opened.error().message();
            co_return;
        }
        all.has_listened = true;
        auto running = in_scope(&beside, std::ref(*opened), std::ref(all));
        auto done = co_await std::move(running);
        if (!done) all.reason = done.error().message();
    } catch (const std::exception& thrown) {
        all.reason = thrown.what();
        all.has_listened = false;  // what serves did not begin, or was ended by this
    }
}

// What failed; null when the dialogue has fewer than `nth` places to fail.
const char* fails_at(const world& where, std::size_t nth, std::size_t in_a_row) {
    CAPTURE(nth);
    CAPTURE(in_a_row);
    const std::size_t descriptors = open_descriptors();
    const char* failed = nullptr;
    seen all;
    {
        loop here(where.make(0));
        bool has_left_the_loop = false;
        const time_point began = here.now();
        try {
            const injected_failure some(nth, in_a_row);
            here.run(dialogue(all));
        } catch (const std::bad_alloc&) {
            has_left_the_loop = true;
        }
        failed = injected_failure::failed();
        const std::string what = failed == nullptr ? "nothing" : failed;
        CAPTURE(what);
        CAPTURE(all.reason);
        // The frame of dialogue() itself may be what there was no memory for.
        if (has_left_the_loop) CHECK(nth <= 2);
        if (!has_left_the_loop && all.has_listened) CHECK(all.next_was_served);
        if (!all.first_was_served && !has_left_the_loop) CHECK_FALSE(all.reason.empty());
        CHECK(all.reason != "wrong");
        CHECK(weir::now() - began < 4s);  // nobody waited for a deadline
        if (failed == nullptr) CHECK(all.first_was_served);
    }
    CHECK(open_descriptors() == descriptors);
    return failed;
}

void fails_everywhere(const world& where) {
    fails_at(where, SIZE_MAX, 1);  // what is made once in a program is there
    for (const std::size_t in_a_row : {1U, 2U, 5U, 25U}) {
        std::size_t nth = 1;
        while (fails_at(where, nth, in_a_row) != nullptr) ++nth;
        CHECK(nth > 100);
    }
}

}  // namespace

TEST_CASE("each allocation and system call of a dialogue fails on epoll, and the next client is served") {
    fails_everywhere(worlds[0]);
}
TEST_CASE("each allocation and system call of a dialogue fails on io_uring, and the next client is served") {
    fails_everywhere(worlds[2]);
}

namespace {

// Turns the loop until the socket has something to tell: bytes, an end or a reset; false when it has nothing for long.
bool has_something(loop& here, weir::socket& client, std::string& what) {
    for (int i = 0; i < 3000; ++i) {
        here.run_once(within(1ms));
        auto came = client.receive(100, deadline(time_point::min()));
        if (!came && (came == errc::timed_out || came == errc::would_block)) continue;
        what = came ? std::string(bytes_view(*came).text()) : "failed";
        return true;
    }
    return false;
}

void many_at_once(const world& where) {
    CAPTURE(std::string(where.name));
    constexpr std::size_t many = 50;
    loop here(where.make(0));
    std::optional<server> one;
    auto serving = [](std::optional<server>& made) -> task<> {
        auto opened = server::listen("127.0.0.1:0", framing::lines());
        REQUIRE(opened);
        made.emplace(std::move(*opened));
        co_await made->run(&echo);
    };
    {
        weir::started run(here, serving(one));
        while (!one) here.run_once(within(1ms));
        auto connects = [&] {
            auto made = connect_to(one->local_address().to_string());
            REQUIRE(made);
            REQUIRE(made->send_all("first\n"));
            std::string reply;
            CHECK(has_something(here, *made, reply));
            CHECK(reply == "first\n");
            return std::move(*made);
        };
        std::vector<weir::socket> clients;
        for (std::size_t i = 0; i < many; ++i) clients.push_back(connects());
        for (int i = 0; i < 10; ++i) here.run_once(within(1ms));  // all of them rest
        for (auto& each : clients) REQUIRE(each.send_all("again\n"));
        {
            const no_memory_here now;
            for (int i = 0; i < 50; ++i) here.run_once(within(1ms));
        }
        std::size_t served = 0;
        for (auto& each : clients) {
            std::string what;
            CHECK(has_something(here, each, what));
            if (what == "again\n") ++served;
        }
        MESSAGE(std::string(where.name), ": ", served, " of ", many, " were served without memory");
        CHECK(one->figures().ended_by(errc::no_memory) == many - served);
        CHECK(served < many);
        const weir::socket next = connects();
        clients.clear();
        one->stop();
        one->stop();
        while (!run.has_ended()) here.run_once(within(1ms));
    }
    one.reset();
}

}  // namespace

TEST_CASE(
    "of many connections that get something while there is no memory each is answered or reset, and the next is "
    "served") {
    many_at_once(worlds[0]);
    many_at_once(worlds[2]);
}
