// Each allocation, fallible call and start of a thread of a dialogue over streams fails once: see torture.h.
#include "tests/conformance/torture.h"

#include <unistd.h>

#include <exception>
#include <filesystem>
#include <optional>

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// A wrapper in which both sides send a greeting.
class says_hello final : public wrapper {
public:
    std::string_view name() const noexcept override { return "hello"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const override {
        handshake opening(std::move(below));
        if (auto sent = co_await opening.send("hello\n"); !sent) co_return sent.error();
        if (auto heard = co_await opening.receive_at_least(6); !heard) co_return heard.error();
        opening.received().consume(6);
        peer.set("hello", "said");
        co_return opening.release();
    }
};

// A wrapper that does not change the bytes. A handler wraps its connection in it, and then moves the connection to a
// new channel.
class bytes_alone final : public wrapper {
public:
    std::string_view name() const noexcept override { return "bytes"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override { co_return below; }
};
task<> echo_and_move(channel client) {
    auto message = co_await client.receive();
    if (!message) co_return;
    co_await client.send(*message);
    auto replaced = co_await client.replace_stream(wrappers(1, std::make_shared<bytes_alone>()));
    if (!replaced) co_return;
    auto given = co_await client.detach();
    if (!given) co_return;
    auto moved = adopt(std::move(*given), framing::len32());
    if (!moved) co_return;
    while (auto next = co_await moved->receive()) co_await moved->send(*next);
}

// Sends the replies as shared payloads.
task<> echo_shared(channel client) {
    while (auto message = co_await client.receive()) {
        const shared_payload reply(*message);
        co_await client.send(reply);
    }
}

struct service {
    task<> (*handles)(channel) = &echo;
    wrappers through = {};
};

server_options quiet() {
    server_options how;
    how.limits.drain = 1s;
    how.log = [](const server_event&) {};
    return how;
}

// Runs a server with `clients` clients, one for each of its loops: first with failures, then without.
template <class Server>
task<> beside(scope& children, Server& one, std::string where, int clients, seen& all, const service& how) {
    children.spawn(one.run(how.handles));
    all.first_was_served = true;
    for (int i = 0; i < clients; ++i) {
        bool was_served = false;
        task<> talking = talk_to(where, was_served, all.reason, how.through);
        co_await std::move(talking);
        all.first_was_served = all.first_was_served && was_served;
    }
    injected_failure::disarm();
    all.next_was_served = true;
    for (int i = 0; i < clients; ++i) {
        bool was_served = false;
        std::string reason;
        task<> talking = talk_to(where, was_served, reason, how.through);
        co_await std::move(talking);
        all.next_was_served = all.next_was_served && was_served;
    }
    one.stop();
}

template <class Server>
task<> serves(Server one, std::string where, int clients, seen& all, service how = {}) {
    all.has_begun = true;
    auto running = in_scope(&beside<Server>, std::ref(one), std::move(where), clients, std::ref(all), std::cref(how));
    auto done = co_await std::move(running);
    if (!done) all.reason = done.error().message();
}

// Clients connect to `host`, or to the address of the server if `host` is empty.
task<> dialogue_at(std::string here, std::string host, seen& all, service how = {}) {
    try {
        server_options options = quiet();
        options.wrappers = how.through;
        auto opened = server::listen(here, framing::len32(), options);
        if (!opened) {
            all.reason = opened.error().message();
            co_return;
        }
        std::string where = opened->local_address().to_string();
        if (!host.empty()) where = host + ":" + std::to_string(opened->local_address().port());
        auto serving = serves(std::move(*opened), std::move(where), 1, all, std::move(how));
        co_await std::move(serving);
    } catch (const std::exception& thrown) {
        all.reason = thrown.what();
        all.has_begun = all.first_was_served = false;  // the server did not start, or the exception ended it
    }
}

task<> dialogue_by_number(seen& all) { return dialogue_at("127.0.0.1:0", {}, all); }
task<> dialogue_through_a_wrapper(seen& all) {
    static const wrappers hello{std::make_shared<says_hello>()};
    return dialogue_at("127.0.0.1:0", {}, all, {&echo, hello});
}
task<> dialogue_over_tls(seen& all) {
    static const wrappers tls{std::make_shared<tls_wrapper>(tls_wrapper::role::by_host)};
    return dialogue_at("127.0.0.1:0", {}, all, {&echo, tls});
}
task<> dialogue_that_moves(seen& all) { return dialogue_at("127.0.0.1:0", {}, all, {&echo_and_move, {}}); }
task<> dialogue_of_shared_payloads(seen& all) { return dialogue_at("127.0.0.1:0", {}, all, {&echo_shared, {}}); }
task<> dialogue_by_name(seen& all) { return dialogue_at("127.0.0.1:0", two_addresses, all); }

// Each run uses the same path, and may find the socket file of the previous run.
task<> dialogue_on_a_path(seen& all) {
    static const std::string path =
        std::filesystem::temp_directory_path() / ("weir-torture-" + std::to_string(::getpid()));
    return dialogue_at("unix:" + path, {}, all);
}

task<> dialogue_on_two_loops(seen& all) {
    try {
        auto opened = server_loops::listen("127.0.0.1:0", framing::len32(), std::vector<server_options>(2, quiet()));
        if (!opened) {
            all.reason = opened.error().message();
            co_return;
        }
        std::string where = opened->local_address().to_string();
        auto serving = serves(std::move(*opened), std::move(where), 2, all);
        co_await std::move(serving);
    } catch (const std::exception& thrown) {
        all.reason = thrown.what();
        all.has_begun = all.first_was_served = false;
    }
}

const names each_stream{"operator new", "socket", "connect", "bind", "listen", "accept4", "getsockname", "fcntl"};
const names each_epoll_stream{"recv", "send", "epoll_ctl", "epoll_pwait2"};
const names each_uring_stream{"IORING_OP_RECV", "IORING_OP_SEND", "IORING_OP_POLL_ADD",
                              "io_uring_submit_and_wait_timeout"};

dialogue over_streams(task<> (*talks)(seen&)) {
    return {.talks = talks,
            .places = 100,
            .fail = each_stream,
            .fail_on_epoll = each_epoll_stream,
            .fail_on_uring = each_uring_stream};
}

}  // namespace

TEST_CASE("each allocation and call of a dialogue fails, and the next client is served") {
    fails_everywhere(over_streams(&dialogue_by_number));
}
TEST_CASE("each allocation and call of a dialogue through a wrapper fails") {
    dialogue one = over_streams(&dialogue_through_a_wrapper);
    one.rows = {1, 5};
    one.rows_apart = 4;
    fails_everywhere(one);
}
TEST_CASE("each allocation and call of a dialogue over TLS fails") {
    dialogue one = over_streams(&dialogue_over_tls);
    one.rows = {1, 5};
    one.rows_apart = 4;
    fails_everywhere(one);
}
TEST_CASE("each allocation of OpenSSL in a dialogue over TLS fails") {
    dialogue one = over_streams(&dialogue_over_tls);
    one.rows = {1};
    one.fail.push_back("CRYPTO_malloc");
    const openssl_fails too;
    fails_everywhere(one);
}
TEST_CASE("each allocation and call fails in a dialogue whose connection gets a wrapper and moves") {
    dialogue one = over_streams(&dialogue_that_moves);
    one.rows = {1, 5};
    one.rows_apart = 4;
    fails_everywhere(one);
}
TEST_CASE("each allocation and call of a dialogue with shared payloads fails") {
    dialogue one = over_streams(&dialogue_of_shared_payloads);
    one.rows = {1, 5};
    one.rows_apart = 4;
    one.fail.push_back("sendmsg");
    fails_everywhere(one);
}
TEST_CASE("each allocation, call and thread of a dialogue with a host of two addresses fails") {
    fails_everywhere({.talks = &dialogue_by_name,
                      .rows = {1, 5},
                      .rows_apart = 4,
                      .places = 100,
                      .fail = {"operator new", "a thread", "connect"}});
    fails_everywhere({.talks = &dialogue_by_name,
                      .rows = {1, 5},
                      .rows_apart = 4,
                      .where = failing::started_threads,
                      .places = 5,
                      .fail = {"operator new", "getaddrinfo"}});
}
TEST_CASE("each allocation, call and thread of a server on two loops fails") {
    fails_everywhere({.talks = &dialogue_on_two_loops,
                      .rows = {1, 5},
                      .rows_apart = 4,
                      .places = 100,
                      .fail = {"operator new", "a thread", "accept4"}});
    fails_everywhere({.talks = &dialogue_on_two_loops,
                      .rows = {1, 5},
                      .rows_apart = 4,
                      .where = failing::started_threads,
                      .places = 50,
                      .fail = {"operator new", "epoll_create1", "eventfd"},
                      .fail_on_epoll = {"recv"},
                      .fail_on_uring = {"io_uring_setup", "IORING_OP_RECV"}});
}
TEST_CASE("each allocation and call of a dialogue over a Unix socket fails") {
    fails_everywhere({.talks = &dialogue_on_a_path,
                      .rows = {1, 5},
                      .rows_apart = 4,
                      .places = 100,
                      .fail = {"operator new", "open", "flock", "lstat"}});
}

namespace {

// Runs the loop until the socket has bytes, an end or a reset. Returns false if it has none after 3000 turns.
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

void many_at_once(const tested_backend& where) {
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
        for (int i = 0; i < 10; ++i) here.run_once(within(1ms));  // afterwards all connections are idle
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
        CHECK(one->stats().ended_by(errc::no_memory) == many - served);
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

TEST_CASE("many connections receive data without memory: each is answered or reset, and the next one is served") {
    many_at_once(tested_backends[0]);
    many_at_once(tested_backends[2]);
}
