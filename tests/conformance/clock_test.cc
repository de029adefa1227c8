// The time limits of a channel count from the arrival of the data, not from the beginning of the wait. Data that
// arrived in time but is still unread never causes a timeout.
#include "tests/conformance/backends.h"
#include "tests/stopped_while.h"

using namespace weir_test;

namespace {

class ignoring_user final : public byte_stream::user {
    void on_received(arrival) noexcept override {}
    void on_sent(outcome) noexcept override {}
};

// Half a message arrives 25 s after it was sent; no other event causes a turn. The limit whole_message ends 30 s after
// the arrival.
task<> half_a_message() {
    auto listening = loop::current().backend().listen("10.0.0.2:1", {});
    REQUIRE(listening);
    task<result<owned_stream>> connecting = connect_stream("10.0.0.2:1");
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    accepting arrives(**listening);
    accepted_connection one = co_await arrives;
    channel_limits limits;
    limits.whole_message = 30s;
    channel served(std::move(one.connection), framing::lines(), limits, one.peer);
    buffer half;
    half.append("half ");
    ignoring_user ignores;
    (*made)->set_user(ignores);
    static_cast<void>((*made)->send(half));
    const time_point began = loop::current().now();
    auto late = co_await served.receive(deadline(began + 50s));
    CHECK(late == errc::timed_out);
    CHECK(served.close_reason() == errc::none);
    auto ended = co_await served.receive();
    CHECK(ended == errc::timed_out);
    CHECK(served.close_reason() == errc::timed_out);
    CHECK(loop::current().now() - began == 55s);
}

task<result<std::string>> next_text(channel& from, deadline until) {
    auto message = co_await from.receive(until);
    if (!message) co_return message.error();
    co_return std::string(message->text());
}

// The time limits of a wait for a message. The message is sent before any limit has expired.
struct bound {
    std::optional<duration> idle{};
    std::optional<duration> receive{};
    std::optional<duration> around{};
};

task<> comes_in_time(bound by) {
    auto listening = loop::current().backend().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    auto client = connect_to((*listening)->local_address().to_string());
    REQUIRE(client);
    accepting arrives(**listening);
    accepted_connection one = co_await arrives;
    channel_limits limits;
    limits.idle = by.idle;
    channel served(std::move(one.connection), framing::lines(), limits, one.peer);
    const auto in = [](std::optional<duration> time) {
        return time ? deadline(loop::current().now() + *time) : deadline();
    };
    const auto helper = stopped_while([&] { CHECK(client->send(bytes_view("late\n"))); });
    auto came = co_await with_deadline(next_text(served, in(by.receive)), in(by.around));
    REQUIRE(came);
    CHECK(*came == "late");
    auto silence = co_await with_deadline(next_text(served, in(by.receive)), in(10ms));
    CHECK(silence == errc::timed_out);
}
task<> before_the_deadline() { return comes_in_time({.receive = 100ms}); }
task<> before_a_deadline_around_it() { return comes_in_time({.around = 100ms}); }
task<> before_it_is_idle() { return comes_in_time({.idle = 100ms}); }

task<> datagram_in_time() {
    auto here = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    auto there = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    REQUIRE(here);
    REQUIRE(there);
    auto client = socket::open(address_family::ipv4, socket_type::datagram);
    REQUIRE(client);
    const address where = here->local_address();
    const auto helper = stopped_while([&] { CHECK(client->send_to(bytes_view("late"), where)); });
    auto message = co_await here->receive(deadline(loop::current().now() + 100ms));
    REQUIRE(message);
    CHECK(message->text() == "late");
    auto silence = co_await here->receive(deadline(loop::current().now() + 10ms));
    CHECK(silence == errc::timed_out);
}

// The number of connections is larger than the initial number of buffers of io_uring, and larger than the number of
// operations that complete in one wait. The tiny ring has a single buffer, so every other receive on it fails, and few
// connections make progress in a turn.
std::size_t crowd_size() { return std::string_view(this_backend->name) == "io_uring, tiny" ? 20 : 200; }

task<> two_in_time(channel served, std::size_t& received) {
    for (int i = 0; i < 2; ++i) {
        auto came = co_await served.receive();
        if (!came) co_return;
        ++received;
    }
}

task<> receive_all(scope& all, std::vector<channel>& served, std::vector<socket>& clients, std::size_t& received) {
    const std::size_t crowd = clients.size();
    for (auto& each : served) all.spawn(two_in_time(std::move(each), received));
    for (auto& each : clients) CHECK(each.send(bytes_view("first\n")));
    while (received != crowd) co_await sleep(1ms);
    co_await sleep(1ms);  // until all tasks wait again
    const auto helper = stopped_while([&] {
        for (auto& each : clients) CHECK(each.send(bytes_view("second\n")));
    });
    const time_point began = loop::current().now();
    while (received != 2 * crowd && loop::current().now() - began < 2s) co_await sleep(10ms);
    CHECK(received == 2 * crowd);
}

task<> a_crowd_in_time() {
    auto listening = loop::current().backend().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    channel_limits limits;
    limits.idle = 100ms;
    std::vector<socket> clients;
    std::vector<channel> served;
    for (std::size_t i = 0; i < crowd_size(); ++i) {
        auto client = connect_to((*listening)->local_address().to_string());
        REQUIRE(client);
        clients.push_back(std::move(*client));
        accepting arrives(**listening);
        accepted_connection one = co_await arrives;
        served.emplace_back(std::move(one.connection), framing::lines(), limits, one.peer);
    }
    std::size_t received = 0;
    auto done = co_await in_scope(&receive_all, std::ref(served), std::ref(clients), std::ref(received));
    CHECK(done);
}

}  // namespace

TEST_CASE("the messages of many clients that arrived while the program was stopped are received") {
    on_each_kernel_backend(a_crowd_in_time);
}

TEST_CASE("a message that arrived in time while the program was stopped is received, even after its deadline") {
    on_each_kernel_backend(before_the_deadline);
    on_each_kernel_backend(before_a_deadline_around_it);
    on_each_kernel_backend(before_it_is_idle);
    on_each_kernel_backend(datagram_in_time);
}

TEST_CASE("the time limit of a partial message begins with its first byte") {
    sim::network_options slow;
    slow.delay_steps = 1;
    slow.least_delay = slow.most_delay = 25s;
    loop here(std::make_unique<sim::network>(choices::random(1), slow));
    here.run(half_a_message());
}
