// Accepting takes no more connections than requested, and only a few in each turn. Each accepted connection has the
// address of its peer.
#include <sys/resource.h>

#include <functional>
#include <vector>

#include "tests/conformance/backends.h"
#include "tests/open_descriptors.h"
#include "weir/coroutine/started.h"

using namespace weir_test;

namespace {

// Runs a test body on each backend of the kernel. The body runs the turns of the loop itself.
void on_each_kernel(const std::function<void(loop&)>& body) {
    for (const auto& each : tested_backends) {
        if (each.seeds != 1 || each.transforms()) continue;
        CAPTURE(std::string(each.name));
        this_backend = &each;
        loop here(each.make(0));
        body(here);
    }
}

void turn(loop& here, int times = 1) {
    for (int i = 0; i < times; ++i) here.run_once(within(2ms));
}

server opened(loop& here, server_options how = {}) {
    auto listen = [](server_options options) -> task<server> {
        auto made = server::listen("127.0.0.1:0", framing::lines(), std::move(options));
        REQUIRE(made);
        co_return std::move(*made);
    };
    return here.run(listen(std::move(how)));
}

// Connects `count` clients, each of which sends a line. They are in the accept queue when this returns.
std::vector<weir::socket> many_clients(const address& where, std::size_t count) {
    std::vector<weir::socket> all;
    for (std::size_t i = 0; i < count; ++i) {
        auto made = connect_to(where.to_string());
        REQUIRE(made);
        REQUIRE(made->send_all("hello\n"));
        all.push_back(std::move(*made));
    }
    return all;
}

task<> count_messages(channel client, std::size_t& messages) {
    while (auto message = co_await client.receive()) ++messages;
}

void stop(loop& here, server& served, const started<void>& running) {
    served.stop();
    served.stop();
    while (!running.has_ended()) turn(here);
}

void takes_what_is_asked_for(loop& here) {
    auto listening = here.backend().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    const auto clients = many_clients((*listening)->local_address(), 100);
    const std::size_t before = open_descriptors();
    auto take = [](acceptor& from) -> task<owned_stream> {
        accepting arrives(from);
        accepted_connection one = co_await arrives;
        CHECK(one.how.good());
        co_return std::move(one.connection);
    };
    const owned_stream first = here.run(take(**listening));
    turn(here, 3);
    CHECK(open_descriptors() == before + 1);
    const owned_stream second = here.run(take(**listening));
    turn(here, 3);
    CHECK(open_descriptors() == before + 2);
}

// Allows so few descriptors that none is left if the server accepts more connections than its limit.
struct few_descriptors {
    explicit few_descriptors(rlim_t more) {
        ::getrlimit(RLIMIT_NOFILE, &before);
        auto next = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
        REQUIRE(next);
        rlimit less = before;
        less.rlim_cur = static_cast<rlim_t>(next->fd()) + more;
        ::setrlimit(RLIMIT_NOFILE, &less);
    }
    few_descriptors(const few_descriptors&) = delete;
    few_descriptors& operator=(const few_descriptors&) = delete;
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
    rlimit before{};
};

void holds_the_limit(loop& here) {
    server_options how;
    how.limits.connections = 5;
    how.limits.connection.linger_time = 0ms;
    server served = opened(here, how);
    std::size_t messages = 0;
    const started<void> running(here, served.run(&count_messages, std::ref(messages)));
    turn(here, 3);
    auto clients = many_clients(served.local_address(), 100);
    const std::size_t before = open_descriptors();
    const few_descriptors few(20);
    for (int i = 0; i < 20 || messages < 5; ++i) {
        turn(here);
        REQUIRE(served.stats().open <= 5);
        REQUIRE(open_descriptors() <= before + 5);
    }
    CHECK(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    // A connection that ends makes room for another one.
    CHECK(clients.front().close());
    while (messages < 6) {
        turn(here);
        REQUIRE(served.stats().open <= 5);
        REQUIRE(open_descriptors() <= before + 5);
    }
    clients.clear();
    stop(here, served, running);
    CHECK(served.stats().ended_by(errc::reset) == 0);
}

// All open connections have messages to receive while the same number of new connections waits to be accepted.
void has_the_others_wait(loop& here) {
    constexpr std::size_t some = 300;
    constexpr std::uint64_t most = 16;
    constexpr std::uint64_t most_behind = 4;
    server served = opened(here);
    std::size_t messages = 0;
    const started<void> running(here, served.run(&count_messages, std::ref(messages)));
    const auto open = many_clients(served.local_address(), some);
    while (messages < some) turn(here);
    const auto arriving = many_clients(served.local_address(), some);
    for (const auto& one : open) REQUIRE(const_cast<weir::socket&>(one).send_all("again\n"));
    int turns_behind = 0;
    std::uint64_t accepted = some;
    while (messages < 3 * some) {
        turn(here);
        const std::uint64_t more = served.stats().accepted - accepted;
        accepted += more;
        REQUIRE(more <= (here.is_behind() ? most_behind : most));
        if (here.is_behind()) ++turns_behind;
    }
    CHECK(turns_behind > 3);
    CHECK(accepted == 2 * some);
    stop(here, served, running);
}

task<> names_the_reset() {
    auto listening = loop::current().backend().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    auto client = connect_to((*listening)->local_address().to_string());
    REQUIRE(client);
    const auto from = client->local_address();
    REQUIRE(client->set(option::linger, std::optional<duration>(duration::zero())));
    REQUIRE(client->close());
    accepting arrives(**listening);
    const accepted_connection one = co_await arrives;
    REQUIRE(one.how.good());
    CHECK(one.peer == *from);
}

}  // namespace

TEST_CASE("a listener accepts the requested connection only, and leaves the others in the queue of the kernel") {
    on_each_kernel(takes_what_is_asked_for);
}
TEST_CASE("a server at its limit of connections uses no more descriptors, however many clients connect at once") {
    on_each_kernel(holds_the_limit);
}
TEST_CASE("a turn accepts a few connections, and fewer while the loop is behind with open connections") {
    on_each_kernel(has_the_others_wait);
}
TEST_CASE("a connection that was reset before it was accepted has the address of its peer") {
    on_each_kernel_backend(names_the_reset);
}
