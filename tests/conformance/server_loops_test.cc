// A server on several loops has one port, and stats for all loops together. Stopping it stops each loop.
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "tests/conformance/backends.h"
#include "tests/few_descriptors.h"
#include "tests/open_descriptors.h"
#include "tests/refused_calls.h"

using namespace weir_test;

namespace {

task<> echo(channel client, std::atomic<int>& open) {
    ++open;
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
    --open;
}

task<> never_done(channel client, std::atomic<int>& open) {
    ++open;
    while (auto slept = co_await sleep(1h)) {
    }
    --open;
    CHECK(client.close_reason() == errc::cancelled);
}

server_loops opened(unsigned threads, server_options how = {}) {
    auto made = server_loops::listen("127.0.0.1:0", framing::lines(), std::vector<server_options>(threads, how));
    REQUIRE(made);
    return std::move(*made);
}

void wait_for(const std::atomic<int>& number, int value) {
    while (number != value) std::this_thread::yield();
}

void wait_for_flag(const std::atomic<bool>& flag) {
    while (!flag) std::this_thread::yield();
}

// Connects sixty clients, each of which sends one message; then stops the server.
void talk_to(server_loops& served, const std::string& where, const std::atomic<int>& open) {
    std::vector<blocking_channel> clients;
    for (int i = 0; i < 60; ++i) {
        auto connected = connect_to(where);
        REQUIRE(connected);
        clients.emplace_back(std::move(*connected), framing::lines());
    }
    wait_for(open, 60);
    for (auto& one : clients) {
        REQUIRE(one.send("hello"));
        const auto reply = one.receive(within(5s));
        REQUIRE(reply);
        CHECK(reply->text() == "hello");
    }
    served.stop();
    for (auto& one : clients) {
        const auto last = one.receive(within(5s));
        CHECK_FALSE(last);
        CHECK(one.close_reason() == errc::closed);
    }
}

task<> serve_many(unsigned threads) {
    std::atomic<int> open = 0;
    std::atomic<int> listening = 0;
    server_options how;
    how.log = [&](const server_event& event) { listening += event.what == server_event::kind::listening; };
    server_loops served = opened(threads, how);
    const std::string where = served.local_address().to_string();
    std::thread clients([&] {
        wait_for(listening, static_cast<int>(threads));
        talk_to(served, where, open);
    });
    co_await served.run(&echo, shared(open));
    clients.join();
    const server_stats all = served.stats();
    CHECK(open == 0);
    CHECK(all.accepted == 60);
    CHECK(all.open == 0);
    CHECK(all.aborted == 0);
    CHECK(all.messages.messages_received == 60);
    CHECK(all.messages.messages_sent == 60);
    CHECK(all.messages.bytes_received == 360);
    CHECK(all.ended_by(errc::cancelled) == 60);
}

// Connects clients one after the other, and counts the connections of each loop.
task<> count_by_loop(unsigned threads, int clients, std::map<std::thread::id, int>& counts) {
    std::atomic<int> open = 0;
    std::mutex lock;
    server_options how;
    how.log = [&](const server_event& event) {
        if (event.what != server_event::kind::connected) return;
        const std::scoped_lock locked(lock);
        ++counts[std::this_thread::get_id()];
    };
    server_loops served = opened(threads, how);
    const std::string where = served.local_address().to_string();
    std::thread all([&] {
        std::vector<socket> held;
        for (int i = 0; i < clients; ++i) {
            auto connected = connect_to(where);
            REQUIRE(connected);
            held.push_back(std::move(*connected));
        }
        wait_for(open, clients);
        served.stop();
    });
    co_await served.run(&echo, shared(open));
    all.join();
}

// Each loop serves one connection at a time. The other connections wait until any loop has room.
task<> one_a_loop(unsigned threads, int clients) {
    std::atomic<int> open = 0;
    std::atomic<int> most = 0;
    server_options how;
    how.limits.connections = 1;
    auto count = [](channel client, std::atomic<int>& now, std::atomic<int>& peak) -> task<> {
        const int here = ++now;
        for (int seen = peak; here > seen && !peak.compare_exchange_weak(seen, here);) {
        }
        while (auto message = co_await client.receive()) co_await client.send(*message);
        --now;
    };
    server_loops served = opened(threads, how);
    const std::string where = served.local_address().to_string();
    std::thread all([&] {
        std::vector<blocking_channel> held;
        for (int i = 0; i < clients; ++i) {
            auto connected = connect_to(where);
            REQUIRE(connected);
            held.emplace_back(std::move(*connected), framing::lines());
            CHECK(held.back().send("hello"));
        }
        // Clients get replies in the order of the accept queue. A client that has its reply closes, and so makes room
        // for the next client.
        for (auto& one : held) {
            const auto reply = one.receive(within(20s));
            REQUIRE(reply);
            CHECK(one.close());
        }
        served.stop();
    });
    co_await served.run(+count, shared(open), shared(most));
    all.join();
    CHECK(most == static_cast<int>(threads));
    CHECK(served.stats().accepted == static_cast<std::uint64_t>(clients));
}

task<std::string> ask(std::string where) {
    auto connected = co_await connect(where, framing::lines());
    if (!connected) co_return connected.error().message();
    co_await connected->send("hello");
    auto reply = co_await connected->receive();
    co_return reply ? std::string(reply->text()) : reply.error().message();
}

// Two servers share a listener, and one of them stops. All later connections go to the other one.
task<> one_of_two() {
    std::atomic<int> open = 0;
    auto listening = listen_on("127.0.0.1:0");
    REQUIRE(listening);
    auto copy = listening->duplicate();
    REQUIRE(copy);
    auto first = server::on(std::move(*listening), framing::lines());
    REQUIRE(first);
    auto second = server::on(std::move(*copy), framing::lines());
    REQUIRE(second);
    auto all = [](scope& children, server& stops, server& stays, std::atomic<int>& count) -> task<> {
        children.spawn(stops.run(&echo, shared(count)));
        children.spawn(stays.run(&echo, shared(count)));
        co_await sleep(1ms);
        stops.stop();
        for (int i = 0; i < 20; ++i) {
            const std::string answer = co_await ask(stays.local_address().to_string());
            CHECK(answer == "hello");
        }
        stays.stop();
    };
    auto done = co_await in_scope(+all, std::ref(*first), std::ref(*second), std::ref(open));
    CHECK(done);
    CHECK(first->stats().accepted == 0);
    CHECK(second->stats().accepted == 20);
}

// Runs a server whose handlers never end, and ends it with `finish`.
task<> cut_by(void (*finish)(server_loops&, const remote&, loop&)) {
    std::atomic<int> open = 0;
    server_options how;
    how.limits.drain = 1h;
    server_loops served = opened(3, how);
    const std::string where = served.local_address().to_string();
    loop& here = loop::current();
    const remote back = here.from_elsewhere();
    std::thread clients([&] {
        std::vector<socket> held;
        for (int i = 0; i < 30; ++i) {
            auto connected = connect_to(where);
            REQUIRE(connected);
            held.push_back(std::move(*connected));
        }
        wait_for(open, 30);
        finish(served, back, here);
        wait_for(open, 0);
    });
    co_await served.run(&never_done, shared(open));
    clients.join();
    const server_stats all = served.stats();
    CHECK(all.accepted == 30);
    CHECK(all.aborted == 30);
}

// A factory that throws on every loop except the first, as if it could not open a database.
struct made_here {};
made_here make_on_first() {
    static const auto first = std::this_thread::get_id();
    if (std::this_thread::get_id() != first) throw std::runtime_error("no database");
    return {};
}
task<> uses(channel client, made_here&) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

task<> run_until_thrown() {
    static_cast<void>(make_on_first());  // makes this thread the first one
    server_loops served = opened(3);
    std::string thrown;
    try {
        co_await served.run(&uses, per_loop(&make_on_first));
    } catch (const std::runtime_error& what) {
        thrown = what.what();
    }
    CHECK(thrown == "no database");
}

// If `early` is set, stop() is called before run().
task<> stop_in_log(bool early) {
    server_loops* all = nullptr;
    std::atomic<int> drained = 0;
    server_options how;
    how.log = [&](const server_event& event) {
        if (event.what == server_event::kind::listening && !early) all->stop();
        if (event.what != server_event::kind::draining) return;
        ++drained;
        all->stop();
    };
    server_loops served = opened(3, how);
    all = &served;
    if (early) served.stop();
    std::atomic<int> open = 0;
    co_await served.run(&echo, shared(open));
    CHECK(drained == 3);
}

task<> never_run() {
    const server_loops served = opened(4);
    CHECK(served.local_address().port() != 0);
    co_return;
}

// A server on a loop of the other backend, on its own thread, that accepts from the same queue.
struct beside {
    std::atomic<bool> listens = false;
    std::atomic<bool> answers = false;  // set by a post, if the loop runs turns
    std::atomic<bool> ended = false;
    std::optional<remote> where;
    server* served = nullptr;
    std::uint64_t accepted = 0;
};

task<> serve_beside(weir::socket listening, beside& mine, std::atomic<int>& open) {
    auto made = server::on(std::move(listening), framing::lines());
    REQUIRE(made);
    mine.served = &*made;
    mine.where = loop::current().from_elsewhere();
    mine.listens = true;
    co_await made->run(&echo, shared(open));
    mine.accepted = made->stats().accepted;
}

// Returns whether the loop on that thread runs a turn within 5 s. If it hangs in accept(2), a client connects, so that
// the test ends.
bool turns(beside& mine, const std::string& where) {
    mine.where->post([&mine] { mine.answers = true; });
    const deadline until = within(5s);
    while (!mine.answers && !until.passed(now())) std::this_thread::yield();
    const bool did = mine.answers;
    mine.where->post([&mine] { mine.served->stop(); });
    while (!mine.ended) {
        if (!did) static_cast<void>(connect_to(where));
        std::this_thread::yield();
    }
    return did;
}

task<> share_between_backends(backend_kind other) {
    std::atomic<int> open = 0;
    auto listening = listen_on("127.0.0.1:0");
    REQUIRE(listening);
    auto copy = listening->duplicate();
    REQUIRE(copy);
    auto first = server::on(std::move(*listening), framing::lines());
    REQUIRE(first);
    const std::string where = first->local_address().to_string();
    beside mine;
    std::thread thread([&] {
        loop here(std::move(*open_backend(other)));
        here.run(serve_beside(std::move(*copy), mine, open));
        mine.ended = true;
    });
    wait_for_flag(mine.listens);
    auto all = [](scope& children, server& here, beside& there, std::string at, std::atomic<int>& count) -> task<> {
        children.spawn(here.run(&echo, shared(count)));
        for (int i = 0; i < 40; ++i) {
            const std::string answer = co_await ask(at);
            CHECK(answer == "hello");
        }
        auto work = [&there, at] { return turns(there, at); };
        const auto did = co_await offload(std::move(work));
        CHECK((did && *did));
        here.stop();
    };
    auto done = co_await in_scope(+all, std::ref(*first), std::ref(mine), where, std::ref(open));
    CHECK(done);
    thread.join();
    CHECK(first->stats().accepted + mine.accepted == 40);
}

task<> echo_alone(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

task<> open_and_stop(unsigned loops, bool& served) {
    auto opened = server_loops::listen("127.0.0.1:0", framing::lines(), std::vector<server_options>(loops));
    served = bool(opened);
    if (!opened) {
        CHECK(opened == errc::no_descriptors);
        co_return;
    }
    opened->stop();
    co_await opened->run(&echo_alone);
}

task<> listen_without_threads(unsigned loops) {
    const auto opened = server_loops::listen("127.0.0.1:0", framing::lines(), std::vector<server_options>(loops));
    REQUIRE(bool(opened) == (loops == 1));
    if (opened) co_return;
    CHECK(opened == errc::system);
    CHECK(opened.error().message().find("start loop 2 of 2: no further thread is allowed") == 0);
}

}  // namespace

TEST_CASE("loops on different backends share a listener, and none blocks when another loop accepts the client first") {
    for (const auto& [first, second] : {std::pair(backend_kind::epoll, backend_kind::io_uring),
                                        std::pair(backend_kind::io_uring, backend_kind::epoll)}) {
        CAPTURE(std::string(to_string(first)));
        loop here(std::move(*open_backend(first)));
        here.run(share_between_backends(second));
    }
}

TEST_CASE("an exception of a factory on another loop ends all loops, and run() rethrows it") {
    weir::run(run_until_thrown());
    serve_options how;
    how.threads = 2;
    CHECK_THROWS_AS(serve("127.0.0.1:0", framing::lines(), how, &uses, per_loop(&make_on_first)), std::runtime_error);
}

TEST_CASE("a log may stop all loops at the event that a loop drains, also if stop() was called before run()") {
    weir::run(stop_in_log(true));
    weir::run(stop_in_log(false));
}

TEST_CASE("a server on several loops that is never run ends its threads") { weir::run(never_run()); }

TEST_CASE("several loops serve one port, their stats are added up, and one stop ends all of them") {
    for (const unsigned threads : {1u, 2u, 4u}) {
        CAPTURE(threads);
        weir::run(serve_many(threads));
    }
}

TEST_CASE("all loops get the same number of connections") {
    for (const auto kind : {backend_kind::epoll, backend_kind::io_uring}) {
        std::map<std::thread::id, int> counts;
        loop here(std::move(*open_backend(kind)));
        here.run(count_by_loop(4, 80, counts));
        CHECK(counts.size() == 4);
        for (const auto& [thread, count] : counts) CHECK(count == 20);
    }
}

TEST_CASE("each loop keeps its limit of connections, and a waiting connection goes to any loop with room") {
    for (const auto kind : {backend_kind::epoll, backend_kind::io_uring}) {
        loop here(std::move(*open_backend(kind)));
        here.run(one_a_loop(3, 12));
    }
}

TEST_CASE("one of two servers that share a listener may stop") { weir::run(one_of_two()); }

TEST_CASE("a second stop aborts the draining connections of every loop") {
    weir::run(cut_by([](server_loops& served, const remote&, loop&) {
        served.stop();
        served.stop();
    }));
}

TEST_CASE("a cancel aborts the connections of every loop") {
    weir::run(
        cut_by([](server_loops&, const remote& back, loop& here) { CHECK(back.post([&here] { here.cancel(); })); }));
}

TEST_CASE("if several loops cannot listen, that is an error, and no thread starts") {
    auto taken = listen_on("127.0.0.1:0");
    REQUIRE(taken);
    const std::string where = taken->local_address()->to_string();
    loop here(system_backend());
    const auto refused = [](std::string at) -> task<> {
        const auto made = server_loops::listen(at, framing::lines(), std::vector<server_options>(2));
        CHECK(made == errc::in_use);
        co_return;
    };
    here.run(refused(where));
}

TEST_CASE("with any number of free descriptors several loops serve or return an error, and leave nothing open") {
    for (const auto which : {backend_kind::io_uring, backend_kind::epoll}) {
        loop here(std::move(*open_backend(which)));
        here.run([]() -> task<> { co_return; }());
        const std::size_t before = open_descriptors();
        const std::size_t first = lowest_free_descriptor();
        bool serves = false;
        for (std::size_t more = 0; more != 24; ++more) {
            CAPTURE(more);
            const bool served_before = serves;
            const few_descriptors few(first + more);
            here.run(open_and_stop(4, serves));
            CHECK((serves || !served_before));  // one more free descriptor never prevents serving
        }
        CHECK(serves);
        here.run_once(deadline(time_point::min()));  // completes the closing of descriptors
        CHECK(open_descriptors() == before);
    }
}

TEST_CASE("if no thread can be started, a server on several loops is an error, and one on a single loop serves") {
    std::thread([] {
        REQUIRE(refuse({__NR_clone3}, EAGAIN));
        REQUIRE(refuse({__NR_clone}, EAGAIN));
        weir::run(listen_without_threads(2));
        weir::run(listen_without_threads(1));
        serve_options how;
        how.threads = 2;
        CHECK(serve("127.0.0.1:0", framing::lines(), how, &echo_alone) == 1);
    }).join();
}
