// Real seccomp filters make the kernel refuse calls that a loop needs. The loop then uses epoll, or runs without a
// backend of the kernel, and reports this. Nothing aborts.
#include <liburing.h>
#include <sys/syscall.h>

#include <cerrno>
#include <thread>
#include <vector>

#include "tests/conformance/backends.h"
#include "tests/few_descriptors.h"
#include "tests/open_descriptors.h"
#include "tests/refused_calls.h"

using namespace weir_test;

namespace {

struct refusal {
    const char* call;
    refused_call what;
};

constexpr refusal of_io_uring[] = {
    {"io_uring_setup", {__NR_io_uring_setup}},
    {"io_uring_enter", {__NR_io_uring_enter}},
    {"io_uring_register", {__NR_io_uring_register}},
    {"io_uring_register", {__NR_io_uring_register, IORING_REGISTER_PBUF_RING}},
    {"io_uring_register", {__NR_io_uring_register, IORING_REGISTER_ENABLE_RINGS}},
};

constexpr unsigned old_epoll_wait = 232;  // its number on x86-64; arm64 does not have the call

// A filter applies to the thread that installs it, and to the threads that it starts.
template <class Body>
void on_a_thread(Body body) {
    std::thread(std::move(body)).join();
}

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// Sends one message and receives its echo.
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

task<> dialogue() {
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    REQUIRE(opened);
    auto done = co_await in_scope(&ask, std::ref(*opened));
    CHECK(done);
}

// Timers, offloaded work and posts need no descriptor. Sockets fail with `why`.
task<> without_sockets(errc why) {
    const auto slept = co_await sleep(1ms);
    CHECK(slept);
    const auto offloaded = co_await offload([] { return 7; });
    REQUIRE(offloaded);
    CHECK(*offloaded == 7);
    const remote here = loop::current().from_elsewhere();
    queue<int> posted(1);
    std::thread elsewhere([&] { here.post([&] { static_cast<void>(posted.try_push(1)); }); });
    const auto came = co_await posted.pop();
    CHECK(came);
    elsewhere.join();
    const auto connected = co_await connect("127.0.0.1:9", framing::lines());
    CHECK(connected == why);
    const auto listening = server::listen("127.0.0.1:0", framing::lines());
    CHECK(listening == why);
    const auto port = loop::current().backend().open_port(address::ipv4(127, 0, 0, 1, 0), {});
    CHECK((!port && port.error() == why));
}

}  // namespace

TEST_CASE("if a call of io_uring is refused, a loop uses epoll and names the call; requiring io_uring is an error") {
    for (const auto& each : of_io_uring) {
        for (const unsigned number : {unsigned{EPERM}, unsigned{ENOSYS}}) {
            CAPTURE(std::string(each.call));
            CAPTURE(each.what.second.value_or(0));
            CAPTURE(number);
            on_a_thread([&] {
                REQUIRE(refuse(each.what, number));
                loop here(system_backend());
                CHECK(here.backend().kind() == backend_kind::epoll);
                const std::string remark(here.backend().remark());
                CHECK_MESSAGE(
                    remark.find(std::string("io_uring cannot be used, so weir uses epoll: ") + each.call) == 0, remark);
                here.run(dialogue());
                const auto named = open_backend(backend_kind::io_uring);
                REQUIRE_FALSE(named);
                CHECK(named.error().system_code() == static_cast<int>(number));
                CHECK(named == (number == EPERM ? errc::not_permitted : errc::unsupported));
            });
        }
    }
}

TEST_CASE("io_uring is used even if its optional features are refused") {
    on_a_thread([] {
        REQUIRE(refuse({__NR_io_uring_register, IORING_REGISTER_RING_FDS}, EPERM));
        loop here(system_backend());
        CHECK(here.backend().kind() == backend_kind::io_uring);
        here.run(dialogue());
    });
}

TEST_CASE("if epoll is refused, opening a backend is an error, and a program's tasks still run without sockets") {
    const std::vector<std::vector<unsigned>> ways{
        {__NR_epoll_create1}, {__NR_eventfd2}, {__NR_epoll_ctl}, {__NR_epoll_pwait2, __NR_epoll_pwait, old_epoll_wait}};
    for (const auto& calls : ways) {
        CAPTURE(calls.front());
        on_a_thread([&] {
            REQUIRE(refuse({__NR_io_uring_setup}, EPERM));
            for (const unsigned call : calls) REQUIRE(refuse({call}, EPERM));
            for (const auto which : {backend_kind::epoll, backend_kind::automatic}) {
                const auto named = open_backend(which);
                CHECK(named == errc::not_permitted);
            }
            weir::run(without_sockets(errc::not_permitted));
        });
    }
}

TEST_CASE("a program without free descriptors runs its tasks, and opening a socket returns that reason") {
    const std::size_t before = open_descriptors();
    {
        const few_descriptors none(lowest_free_descriptor());
        for (const auto which : {backend_kind::io_uring, backend_kind::epoll, backend_kind::automatic}) {
            const auto named = open_backend(which);
            CHECK(named == errc::no_descriptors);
        }
        loop here(system_backend());
        CHECK(here.backend().remark().find("sockets cannot be used: ") == 0);
        here.run(without_sockets(errc::no_descriptors));
    }
    CHECK(open_descriptors() == before);
}
