// Each allocation and fallible call of a dialogue of datagrams fails once: see torture.h.
#include <algorithm>
#include <array>
#include <exception>

#include "tests/conformance/torture.h"

using namespace weir_test;

namespace {

// Sends each datagram back, and continues after every error.
task<> answer(datagram_channel& served, std::string& trouble) {
    for (;;) {
        try {
            auto came = co_await served.receive();
            if (came == errc::cancelled) co_return;
            if (!came) {
                trouble = came.error().message();
                continue;
            }
            auto sent = co_await served.send_to(*came, came->from());
            if (!sent) trouble = sent.error().message();
        } catch (const std::bad_alloc& thrown) {
            trouble = thrown.what();
        }
    }
}

// Repeats a request until its reply arrives, as programs do with datagrams, and drops replies to older requests.
task<bool> asks(datagram_channel& client, std::string words, std::string& trouble) {
    for (int i = 0; i < 100; ++i) {
        try {
            auto sent = co_await client.send(words);
            if (!sent) trouble = sent.error().message();
            const time_point until = loop::current().now() + 5ms * (i + 1);
            for (;;) {
                auto came = co_await client.receive(until);
                if (came && came->text() == words) co_return true;
                if (came) continue;
                trouble = came.error().message();
                if (came == errc::timed_out) break;
            }
        } catch (const std::bad_alloc& thrown) {
            trouble = thrown.what();
        }
    }
    co_return false;
}

task<> beside(scope& children, datagram_channel& served, datagram_channel& client, seen& all) {
    children.spawn(answer(served, all.reason));
    all.first_was_served = true;
    for (const std::size_t size : {5U, 0U, 9000U}) {
        auto asking = asks(client, std::string(size, 'f'), all.reason);
        const bool was_answered = co_await std::move(asking);
        all.first_was_served = all.first_was_served && was_answered;
    }
    injected_failure::disarm();
    std::string reason;
    auto asking = asks(client, "next", reason);
    all.next_was_served = co_await std::move(asking);
    children.cancel();
}

task<> dialogue_of_datagrams(seen& all) {
    try {
        auto served = datagram_channel::bind(*address::parse("127.0.0.1:0"));
        if (!served) {
            all.reason = served.error().message();
            co_return;
        }
        auto client = datagram_channel::connect(served->local_address());
        if (!client) {
            all.reason = client.error().message();
            co_return;
        }
        all.has_begun = true;
        auto running = in_scope(&beside, std::ref(*served), std::ref(*client), std::ref(all));
        auto done = co_await std::move(running);
        if (!done && done != errc::cancelled) all.reason = done.error().message();
    } catch (const std::exception& thrown) {
        all.reason = thrown.what();
        all.has_begun = all.first_was_served = false;
    }
}

task<> receives(datagram_channel& from, errc& how) {
    try {
        auto came = co_await from.receive();
        how = came ? errc::none : came.error().code();
    } catch (const std::bad_alloc&) {
        how = errc::none;  // the datagram was received, but a checked build has no memory for its copy
    }
}

// Two receives need a block of memory in the same turn, and only one block exists.
void two_receive_without_memory(const tested_backend& where) {
    loop here(where.make(0));
    const loop::entered inside(here);
    auto first = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    auto second = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    REQUIRE((first && second));
    auto client = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    REQUIRE(client);
    std::array how{errc::system, errc::system};
    {
        started one(here, receives(*first, how[0]));
        started two(here, receives(*second, how[1]));
        for (int i = 0; i < 3; ++i) here.run_once(within(1ms));
        for (const auto& each : {first->local_address(), second->local_address()})
            REQUIRE(client->send_to(bytes_view("x"), each));
        {
            const no_memory_here now;
            here.run_once(within(1s));
        }
        while (!one.has_ended() || !two.has_ended()) here.run_once(within(1s));
    }
    CHECK(std::ranges::count(how, errc::none) == 1);
    CHECK(std::ranges::count(how, errc::no_memory) == 1);
}

}  // namespace

TEST_CASE("without memory for a datagram its receive returns an error, and the datagram stays in the kernel") {
    for (const std::size_t which : {0U, 2U}) two_receive_without_memory(tested_backends[which]);
}
TEST_CASE("each allocation and call of a dialogue of datagrams fails, and the next one is answered") {
    fails_everywhere(
        {.talks = &dialogue_of_datagrams,
         .places = 20,
         .fail = {"operator new", "socket", "bind", "connect", "recvfrom", "sendto", "epoll_ctl", "fcntl"}});
}
