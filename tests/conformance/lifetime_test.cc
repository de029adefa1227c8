// An object that outlives its loop fails a check. So does a loop that is destroyed on the wrong thread.
#include <memory>
#include <thread>

#include "tests/aborting.h"
#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<channel> left_over() {
    auto [served, client] = co_await connected();
    co_return std::move(client);
}

task<result<datagram_channel>> open_datagrams() {
    auto opened = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    co_return opened;
}

task<result<server>> open_server() {
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    co_return opened;
}

task<> answer(datagram_channel& by, const datagram_message& one) { co_await by.send_to(one, one.from()); }
task<> receive_next(datagram_channel& from) { CHECK(co_await from.receive()); }

task<> flood(datagram_channel& by, address to) {
    for (std::uint64_t i = 0; i < 2 * internal::datagram_core::most_datagrams_a_turn; ++i) co_await by.send_to("x", to);
}

// The reply to a datagram waits behind a flood. Meanwhile the next datagram is received, so the first datagram is no
// longer valid.
task<> answer_too_late() {
    auto here = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    auto there = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    for (int i = 0; i < 2; ++i) co_await there->send_to("asked", here->local_address());
    auto first = co_await here->receive();
    co_await when_all(flood(*here, there->local_address()), answer(*here, *first), receive_next(*here));
}

template <class Made>
void outlives(task<Made> (*make)()) {
    this_backend = &tested_backends[0];
    std::optional<Made> kept;
    loop here(system_backend());
    kept.emplace(here.run(make()));
}

task<> nothing() { co_return; }

task<> destroyed_early() {
    const auto ended = co_await in_scope([](scope& tasks) -> task<> {
        auto opened = server::listen("127.0.0.1:0", framing::lines());
        REQUIRE(opened);
        tasks.spawn(opened->run([](channel) -> task<> { co_return; }));
        co_await sleep(10ms);
    });
    CHECK(ended);
}

}  // namespace

TEST_CASE("an object that outlives its loop fails a check, and uses no freed memory") {
    for (const auto body :
         {+[] { outlives(&left_over); }, +[] { outlives(&open_datagrams); }, +[] { outlives(&open_server); }}) {
        const auto [said, was_aborted] = aborting(body);
        CHECK(was_aborted);
        CHECK(said.find("a loop was destroyed before one of its channels") != std::string::npos);
    }
}

TEST_CASE("a server that is destroyed while its run() runs fails a check, and no task waits for ever") {
    const auto [said, was_aborted] = aborting([] {
        loop here(std::move(*open_backend(backend_kind::epoll)));
        here.run(destroyed_early());
    });
    CHECK(was_aborted);
    CHECK_MESSAGE(said.find("a server is destroyed while its run() runs") != std::string::npos, said);
}

TEST_CASE("destroying a loop on another thread than the one that ran it fails a check") {
    for (const auto which : {backend_kind::io_uring, backend_kind::epoll}) {
        const auto [said, aborted] = aborting([which] {
            loop here(std::move(*open_backend(which)));
            std::thread([&] { here.run(nothing()); }).join();
        });
        CHECK(aborted);
        CHECK_MESSAGE(said.find("a loop must be destroyed on the thread that ran it") != std::string::npos, said);
    }
}

TEST_CASE("a loop may be made on one thread, and run and destroyed on another") {
    for (const auto which : {backend_kind::io_uring, backend_kind::epoll}) {
        auto made = std::make_unique<loop>(std::move(*open_backend(which)));
        std::thread([mine = std::move(made)]() mutable {
            mine->run(nothing());
            mine.reset();
        }).join();
    }
}

TEST_CASE("a datagram that is invalid when it is sent fails a check, and is not sent") {
    const auto [said, aborted] = aborting([] {
        loop here(std::move(*open_backend(backend_kind::epoll)));
        here.run(answer_too_late());
    });
    CHECK(aborted);
    CHECK(said.find("a message was used after the next receive() on its channel") != std::string::npos);
}
