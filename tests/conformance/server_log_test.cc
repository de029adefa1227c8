// weir/service/server_log.h: log lines that people read. Writing them delays no loop.
#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>

#include "tests/conformance/backends.h"
#include "tests/open_descriptors.h"
#include "weir/service/server_log.h"

using namespace weir_test;

namespace {

struct small_pipe {
    small_pipe() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        read_end = ends[0];
        write_end = ends[1];
        ::fcntl(write_end, F_SETPIPE_SZ, 4096);
    }
    small_pipe(const small_pipe&) = delete;
    small_pipe& operator=(const small_pipe&) = delete;
    ~small_pipe() {
        ::close(read_end);
        if (write_end >= 0) ::close(write_end);
    }
    // Closes the writing side, and returns everything up to the end.
    std::string rest() {
        ::close(std::exchange(write_end, -1));
        std::string all;
        char some[4096];
        for (ssize_t count = 0; (count = ::read(read_end, some, sizeof some)) > 0;)
            all.append(some, static_cast<std::size_t>(count));
        return all;
    }

    int read_end;
    int write_end;
};

server_event refused(const address& peer) { return {server_event::kind::refused, "refused: too many", &peer, nullptr}; }

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

}  // namespace

TEST_CASE("each event is a line; lines over the limit of a kind in a second are left out and counted") {
    small_pipe pipe;
    const address peer = *address::parse("192.0.2.7:4000");
    {
        server_log log(pipe.write_end, "test");
        const auto events = log.events();
        events({server_event::kind::connected, "connected", &peer, nullptr});
        events({server_event::kind::thrown, "an \x1b[31m exception", &peer, nullptr});
        for (int i = 0; i < 5; ++i) events(refused(peer));
        log.say("a sentence\nof two");
        CHECK(log.left_out() == 4);
    }
    CHECK(pipe.rest() ==
          "test: 192.0.2.7:4000: connected\n"
          "test: 192.0.2.7:4000: \"an \\x1b[31m exception\"\n"
          "test: 192.0.2.7:4000: refused: too many\n"
          "test: \"a sentence\\nof two\"\n"
          "test: left out 4 lines (refused): the limit is 1 per second\n");
}

TEST_CASE("a log whose reader reads nothing delays neither a message nor the end of the program") {
    const std::size_t before = open_descriptors();
    std::optional<small_pipe> pipe(std::in_place);
    while (::fcntl(pipe->write_end, F_SETFL, O_NONBLOCK) == 0 && ::write(pipe->write_end, "....", 4) > 0) {
    }
    ::fcntl(pipe->write_end, F_SETFL, 0);
    const auto serves = [](int fd) -> task<> {
        server_log log(fd);
        server_options how;
        how.log = log.events();
        auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
        REQUIRE(opened);
        auto talks = [](scope& all, server& one) -> task<> {
            all.spawn(one.run(&echo));
            for (int i = 0; i < 300; ++i) {
                auto client = co_await connect(one.local_address().to_string(), framing::lines());
                REQUIRE(client);
                co_await client->send("hello");
                auto reply = co_await client->receive(loop::current().now() + 5s);
                REQUIRE(reply);
            }
            one.stop();
        };
        auto done = co_await in_scope(+talks, std::ref(*opened));
        CHECK(done);
    };
    const time_point began = weir::now();
    {
        loop here(by_epoll(0));
        here.run(serves(pipe->write_end));
    }
    CHECK(weir::now() - began < 10s);
    pipe.reset();  // now the thread of the log ends
    for (int i = 0; i < 5000 && open_descriptors() != before; ++i) std::this_thread::sleep_for(1ms);
    CHECK(open_descriptors() == before);
}
