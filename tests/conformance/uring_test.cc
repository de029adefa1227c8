// io_uring where it is refused, and what only it does.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <thread>

#include "tests/conformance/worlds.h"

namespace {

using namespace weir_test;

// On this thread io_uring_setup(2) fails from now on.
bool refuse_io_uring(unsigned number) {
    std::array<sock_filter, 4> program{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog filter{program.size(), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// One message there and back, and the end.
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

// What the log of a server is told of its backend.
task<std::string> talk() {
    std::string told;
    server_options how;
    how.log = [&](const server_event& event) {
        if (event.what == server_event::kind::backend) told = event.text;
    };
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    auto done = co_await in_scope(&ask, std::ref(*opened));
    CHECK(done);
    co_return told;
}

// Accepting has begun when it is closed.
task<> close_and_bind() {
    auto listening = loop::current().world().listen("127.0.0.1:0", {});
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

}  // namespace

TEST_CASE("where io_uring is refused a loop stands on epoll, and says so") {
    for (const unsigned number : {unsigned{EPERM}, unsigned{ENOSYS}}) {
        CAPTURE(number);
        std::thread([number] {
            REQUIRE(refuse_io_uring(number));
            loop here(real_world());
            CHECK(here.world().kind() == backend_kind::epoll);
            CHECK(here.world().remark().find("io_uring cannot be used, epoll is: io_uring_setup") == 0);
            const std::string told = here.run(talk());
            CHECK(told == here.world().remark());
            const auto asked_for = open_world(backend_kind::io_uring);
            REQUIRE_FALSE(asked_for);
            CHECK(asked_for.error().code() == (number == EPERM ? errc::not_permitted : errc::unsupported));
        }).join();
    }
}

TEST_CASE("where io_uring is allowed a loop stands on it") {
    loop here(real_world());
    CHECK(here.world().kind() == backend_kind::io_uring);
    CHECK(here.world().remark().empty());
    CHECK(here.run(talk()).empty());
}

TEST_CASE("a server that is closed frees its port at once") {
    for (const auto& where : worlds) {
        if (where.seeds != 1) continue;  // simulated
        CAPTURE(std::string(where.name));
        loop here(where.make(0));
        here.run(close_and_bind());
    }
}
