// serve() as a program: its exit codes, signals and threads.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

task<> never_done(channel client) {
    co_await client.send("served");
    while (auto slept = co_await sleep(1h)) {
    }
    CHECK_FALSE(client.close_reason() == errc::none);
}

task<> count(channel client, std::atomic<int>& all, int& of_this_loop) {
    ++all;
    ++of_this_loop;
    co_await client.send(std::to_string(of_this_loop));
}

// Runs a program in a child process. The program reports the address at which it listens.
class program {
public:
    template <class Serve>
    explicit program(Serve serve) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        process_ = ::fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            serve_options how;
            how.log = [out = ends[1]](const server_event& what) {
                if (what.what != server_event::kind::listening) return;
                static std::atomic<bool> is_announced = false;
                if (is_announced.exchange(true)) return;
                const std::string where(what.text.substr(what.text.rfind(' ') + 1));
                static_cast<void>(!::write(out, where.data(), where.size()));
            };
            ::_exit(serve(how));
        }
        std::array<char, 64> text{};
        ::close(ends[1]);
        const ssize_t size = ::read(ends[0], text.data(), text.size());
        ::close(ends[0]);
        if (size > 0) where_.assign(text.data(), static_cast<std::size_t>(size));
    }
    ~program() {
        if (process_ > 0) ::kill(process_, SIGKILL);
    }

    const std::string& where() const { return where_; }
    void signal(int number) const { ::kill(process_, number); }
    int exit_code() {
        int status = -1;
        ::waitpid(std::exchange(process_, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }

private:
    pid_t process_ = 0;
    std::string where_;
};

std::string talk(const std::string& where, std::string_view words) {
    auto connected = connect_to(where);
    if (!connected) return std::string(to_string(connected.error().code()));
    blocking_channel server(std::move(*connected), framing::lines());
    if (auto sent = server.send(words); !sent) return sent.error().message();
    auto reply = server.receive(within(5s));
    return reply ? std::string(reply->text()) : reply.error().message();
}

}  // namespace

TEST_CASE("serve() serves until a signal, and returns 0") {
    for (const int number : {SIGINT, SIGTERM}) {
        for (const unsigned threads : {1u, 3u}) {
            program one([&](serve_options how) {
                how.threads = threads;
                return serve("127.0.0.1:0", framing::lines(), how, &echo);
            });
            for (int i = 0; i < 20; ++i)
                CHECK(talk(one.where(), "hello " + std::to_string(i)) == "hello " + std::to_string(i));
            one.signal(number);
            CHECK(one.exit_code() == 0);
            CHECK(talk(one.where(), "gone") == "connection refused: no program listens on this address");
        }
    }
}

TEST_CASE("the first signal drains the connections, and a second one aborts them") {
    // Two of three loops have no connection; they end at the first signal.
    for (const unsigned threads : {1u, 3u}) {
        program one([&](serve_options how) {
            how.threads = threads;
            return serve("127.0.0.1:0", framing::lines(), how, &never_done);
        });
        auto connected = connect_to(one.where());
        REQUIRE(connected);
        blocking_channel held(std::move(*connected), framing::lines());
        const auto greeted = held.receive(within(5s));
        REQUIRE(greeted);
        one.signal(SIGTERM);
        const time_point asked = now();
        while (talk(one.where(), "no more") != "connection refused: no program listens on this address")
            REQUIRE(now() - asked < 5s);
        ::usleep(50'000);  // the loops without a connection have ended
        one.signal(SIGTERM);
        CHECK(one.exit_code() == 0);
        CHECK(now() - asked < 5s);
    }
}

TEST_CASE("serve() returns 2 for contradictory options, and 1 if it cannot listen") {
    auto taken = listen_on("127.0.0.1:0");
    REQUIRE(taken);
    const std::string where = taken->local_address()->to_string();
    CHECK(serve(where, framing::lines(), &echo) == 1);
    serve_options how;
    how.threads = 2;
    int here = 0;
    auto needs = +[](channel client, int& number) -> task<> {
        ++number;
        co_await client.send("?");
    };
    CHECK(serve("127.0.0.1:0", framing::lines(), how, needs, std::ref(here)) == 2);
    how.threads = 0;
    CHECK(serve("127.0.0.1:0", framing::lines(), how, &echo) == 2);
}

TEST_CASE("with several threads an argument is passed with shared(), or made for each loop") {
    static std::atomic<int> all = 0;
    program one([](serve_options how) {
        how.threads = 3;
        const int code = serve("127.0.0.1:0", framing::lines(), how, &count, shared(all), per_loop([] { return 0; }));
        return code == 0 && all == 30 ? 0 : 9;
    });
    int highest = 0;
    for (int i = 0; i < 30; ++i) highest = std::max(highest, std::stoi(talk(one.where(), "?")));
    CHECK(highest <= 30);
    one.signal(SIGTERM);
    CHECK(one.exit_code() == 0);
}
