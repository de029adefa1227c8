// A server without free descriptors, and a server that a single source floods. Such a server uses no CPU while it
// waits, does not fail, and serves a well-behaved client.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <deque>
#include <thread>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

// Connects and waits for a reply: a server without free descriptors accepts it when another connection ends. Then keeps
// the connection open for a while.
task<> one_client(std::string where, int& served) {
    auto connected = co_await connect(where, framing::lines());
    REQUIRE(connected);
    co_await connected->send("hello");
    auto reply = co_await connected->receive(loop::current().now() + 20s);
    if (!reply) co_return;
    ++served;
    co_await sleep(20ms);
}

task<int> crowd(std::string where, int clients) {
    int served = 0;
    auto all = [](scope& many, std::string to, int count, int& done) -> task<> {
        for (int i = 0; i < count; ++i) many.spawn(one_client(to, done));
        co_return;
    };
    auto ended = co_await in_scope(+all, where, clients, std::ref(served));
    CHECK(ended);
    co_return served;
}

// Serves until all clients have been served and have closed.
task<server_stats> serve_crowd(int clients, int tell_where) {
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    REQUIRE(opened);
    const std::string where = opened->local_address().to_string();
    REQUIRE(::write(tell_where, where.data(), where.size()) == static_cast<ssize_t>(where.size()));
    auto run = [](scope& children, server& one, int all) -> task<> {
        children.spawn(one.run(&echo));
        for (;;) {
            const server_stats now = one.stats();
            if (now.accepted == static_cast<std::uint64_t>(all) && now.open == 0) break;
            co_await sleep(5ms);
        }
        one.stop();
    };
    auto done = co_await in_scope(+run, std::ref(*opened), clients);
    CHECK(done);
    co_return opened->stats();
}

// Limits how many more descriptors this process may open.
class few_descriptors {
public:
    explicit few_descriptors(rlim_t more) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        auto next = socket::open(socket::ipv4, socket::stream);
        REQUIRE(next);
        rlimit less = before_;
        less.rlim_cur = static_cast<rlim_t>(next->fd()) + more;
        ::setrlimit(RLIMIT_NOFILE, &less);
    }
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("without free descriptors a server pauses accepting, resumes later, and serves every client") {
    constexpr int clients = 80;
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    // The clients run in their own process, because descriptors are counted per process.
    const pid_t crowded = ::fork();
    REQUIRE(crowded >= 0);
    if (crowded == 0) {
        std::array<char, 64> where{};
        const ssize_t size = ::read(ends[0], where.data(), where.size());
        const bool all =
            size > 0 && run(crowd(std::string(where.data(), static_cast<std::size_t>(size)), clients)) == clients;
        ::_exit(all ? 0 : 1);
    }
    loop here(system_backend());
    const few_descriptors limit(20);
    const std::uint64_t before = here.turns();
    const server_stats stats = here.run(serve_crowd(clients, ends[1]));
    int status = -1;
    ::waitpid(crowded, &status, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(status == 0);
    CHECK(stats.accepted == clients);
    CHECK(stats.pauses > 0);
    CHECK(here.turns() - before < 5000);  // no busy waiting
}

namespace {

constexpr int connects = 20'000;

struct served_beside {
    int talks = 0;
    duration slowest{};
};

// A well-behaved client: it sends requests until `over` is set, with a pause after each reply.
template <class Flag>
task<served_beside> talk_until(channel& good, const Flag& over, duration pause) {
    served_beside all;
    while (!over) {
        const time_point asked = loop::current().now();
        co_await good.send("still there?");
        auto reply = co_await good.receive();
        REQUIRE(reply);
        all.slowest = std::max(all.slowest, loop::current().now() - asked);
        ++all.talks;
        if (pause != duration{}) co_await sleep(pause);
    }
    co_return all;
}

// Connects `connects` times from 127.0.0.9 and sends nothing. Closes the connections that were reset. Keeps the others
// open until the server has stopped, because the server accepts a new connection for each that is closed.
void flood(const address& where, std::atomic<int>& refused, std::atomic<bool>& done, const std::atomic<bool>& stopped) {
    std::deque<weir::socket> open;
    for (int i = 0; i < connects; ++i) {
        auto one = socket::open(socket::ipv4, socket::stream);
        if (!one || !one->bind("127.0.0.9:0") || !one->connect(where)) continue;
        open.push_back(std::move(*one));
        if (open.size() < 400) continue;
        std::array<std::byte, 1> byte{};
        for (std::size_t left = open.size(); left != 0; --left) {
            weir::socket each = std::move(open.front());
            open.pop_front();
            const auto came = each.receive(std::span(byte), receive_flags::non_blocking);
            if (came == errc::reset) {
                ++refused;
            } else {
                open.push_back(std::move(each));
            }
        }
    }
    done = true;
    stopped.wait(false);
}

task<> beside_a_flood() {
    server_options how;
    how.limits.connections_of_a_source = 200;
    // The silent connections stay open: on a busy machine the flood takes longer than the default limit first_message.
    how.limits.connection.first_message = std::nullopt;
    // No other program connects to a port of this address by chance.
    auto opened = server::listen("127.0.0.8:0", framing::lines(), how);
    REQUIRE(opened);
    std::atomic<int> refused = 0;
    std::atomic<bool> done = false;
    std::atomic<bool> stopped = false;
    auto run = [](scope& children, server& one, std::atomic<bool>& over, std::atomic<bool>& has_stopped) -> task<> {
        children.spawn(one.run(&echo));
        auto connected = co_await connect(one.local_address().to_string(), framing::lines());
        REQUIRE(connected);
        const served_beside good = co_await talk_until(*connected, over, 1ms);
        CHECK(good.talks > 50);
        CHECK(good.slowest < 1s);
        one.stop();
        has_stopped = true;
        has_stopped.notify_all();
    };
    std::thread from(flood, opened->local_address(), std::ref(refused), std::ref(done), std::cref(stopped));
    auto ended = co_await in_scope(+run, std::ref(*opened), std::ref(done), std::ref(stopped));
    from.join();
    CHECK(ended);
    const server_stats stats = opened->stats();
    CHECK(stats.accepted <= 201);
    CHECK(stats.refused > connects - 1000);
    CHECK(refused > 0);
}

}  // namespace

TEST_CASE("of 20'000 connections from one source those over its limit are refused, and another client is served") {
    loop here(system_backend());
    here.run(beside_a_flood());
}

namespace {

// Connects from one host as fast as possible, and keeps the successful connections open.
task<> flood_simulated(address where, std::vector<owned_stream>& open, bool& over) {
    for (int i = 0; i < connects; ++i) {
        static_cast<sim::network&>(loop::current().backend()).connect_from(*address::parse("10.0.0.66:0"));
        task<result<owned_stream>> connecting = connect_stream(where.to_string());
        auto made = co_await std::move(connecting);
        if (made) open.push_back(std::move(*made));
    }
    over = true;
}

task<> beside_a_simulated_flood() {
    server_options how;
    how.limits.connection.first_message = 1h;  // so that the server keeps the silent connections
    auto opened = server::listen("10.0.0.1:9000", framing::lines(), how);
    REQUIRE(opened);
    auto run = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&echo));
        static_cast<sim::network&>(loop::current().backend()).connect_from(*address::parse("10.0.0.7:0"));
        auto good = co_await connect(one.local_address().to_string(), framing::lines());
        REQUIRE(good);
        std::vector<owned_stream> flooding;
        bool over = false;
        children.spawn(flood_simulated(one.local_address(), flooding, over));
        const served_beside good_one = co_await talk_until(*good, over, 0ms);
        CHECK(good_one.talks > 100);
        CHECK(good_one.slowest < 100ms);
        CHECK(one.stats().open == 1001);
        CHECK(one.stats().refused == connects - 1000);
        flooding.clear();
        one.stop();
    };
    auto done = co_await in_scope(+run, std::ref(*opened));
    CHECK(done);
}

}  // namespace

TEST_CASE("in a simulated network, too, the connections of one source over its limit are refused") {
    loop here(simulated(1));
    here.run(beside_a_simulated_flood());
}
