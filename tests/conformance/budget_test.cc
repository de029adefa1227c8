// The limit on the bytes that all connections of a loop hold together, on every backend. Over the limit, connections
// with large messages wait, and a well-behaved client does not. Each message that fits is received whole.
#include <algorithm>
#include <string>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

constexpr std::size_t most_held = 256 * 1024;
constexpr int crowd = 12;
constexpr std::size_t large = 100'000;

task<> count_bytes(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(std::to_string(message->size()));
    }
}

// Sends in small pieces, so that the sending side holds few bytes.
task<> trickle(channel& to, std::size_t bytes) {
    for (std::size_t left = bytes; left != 0; left -= std::min<std::size_t>(left, 2000)) {
        co_await to.send(std::string(std::min<std::size_t>(left, 2000), 'x'));
        co_await to.flush();
    }
}

// Sends three quarters of a message. Sends the last quarter when `go_on` is set.
task<> in_two_parts(std::string where, std::shared_ptr<bool> go_on, int& answered) {
    task<result<owned_stream>> connecting = connect_stream(where);
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    // The line is sent in pieces. Each piece is a message of framing::chunks(), which adds no bytes.
    channel raw(std::move(*made), framing::chunks(), channel_limits(), address());
    co_await trickle(raw, large * 3 / 4);
    while (!*go_on) {
        if (const auto slept = co_await sleep(5ms); !slept) co_return;
    }
    co_await trickle(raw, large / 4);
    co_await raw.send("\n");
    raw.switch_framing(framing::lines());
    auto reply = co_await raw.receive(loop::current().now() + 10s);
    if (reply && reply->text() == std::to_string(large)) ++answered;
}

task<> converse(scope& children, server& one, int& answered, bool finishes) {
    children.spawn(one.run(&count_bytes));
    const std::string where = one.local_address().to_string();
    auto connected = co_await connect(where, framing::lines());
    REQUIRE(connected);
    auto go_on = std::make_shared<bool>(false);
    for (int i = 0; i < crowd; ++i) children.spawn(in_two_parts(where, go_on, answered));
    std::size_t most = 0;
    std::size_t waited = 0;
    for (int i = 0; i < 100; ++i) {
        co_await connected->send("good");
        auto reply = co_await connected->receive(loop::current().now() + 5s);
        REQUIRE_MESSAGE(reply, (reply ? "" : reply.error().message()));
        CHECK(reply->text() == "4");
        most = std::max(most, loop::current().budget().held_bytes());
        waited = std::max(waited, loop::current().budget().waiting());
        co_await sleep(2ms);
    }
    CHECK(waited > 0);
    CHECK(most > most_held / 2);
    CHECK(most <= most_held + crowd * internal::byte_budget::always_bytes);
    if (finishes) *go_on = true;
    for (int i = 0; i < 1000 && one.stats().open > 1; ++i) co_await sleep(10ms);
    CHECK(one.stats().open == 1);
    *go_on = true;
    one.stop();
}

// If `finishes` is set, all clients send their whole message. Otherwise none does, and the limit whole_message closes
// their connections.
task<> beside_a_crowd(bool finishes) {
    server_options how;
    how.limits.held_bytes_of_a_loop = most_held;
    how.limits.connection.whole_message = finishes ? 30s : 1s;
    how.limits.connection.linger_time = 50ms;
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    int answered = 0;
    auto done = co_await in_scope(&converse, std::ref(*opened), std::ref(answered), finishes);
    CHECK(done);
    CHECK(answered == (finishes ? crowd : 0));
    const server_stats after = opened->stats();
    CHECK(after.ended_by(errc::timed_out) + after.ended_by(errc::evicted) == (finishes ? 0 : crowd));
    for (int i = 0; i < 300 && loop::current().budget().held_bytes() != 0; ++i) co_await sleep(10ms);
    CHECK(loop::current().budget().held_bytes() == 0);
}

constexpr std::size_t reply_bytes = 900'000;

// Answers each message with more bytes than the kernel accepts.
task<> answer_much(channel client) {
    while (auto message = co_await client.receive()) {
        const std::string reply(reply_bytes, 'x');
        for (int i = 0; i < 20; ++i) {
            if (const auto sent = co_await client.send(reply); !sent) co_return;
        }
    }
}

task<> take_nothing(std::string where) {
    auto client = co_await connect(where, framing::lines());
    REQUIRE(client);
    co_await client->send("much");
    co_await sleep(1min);
}

task<> beside_who_takes_nothing(scope& children, server& one) {
    children.spawn(one.run(&answer_much));
    const std::string where = one.local_address().to_string();
    for (int i = 0; i < 3; ++i) children.spawn(take_nothing(where));
    for (int i = 0; i < 400 && one.stats().ended_by(errc::evicted) == 0; ++i) co_await sleep(10ms);
    CHECK(one.stats().ended_by(errc::evicted) > 0);
    CHECK(one.stats().open > 0);
    CHECK(loop::current().budget().held_bytes() <= 2 * reply_bytes + 256 * 1024);
    children.cancel();
}

task<> closes_who_stands_still() {
    server_options how;
    how.limits.held_bytes_of_a_loop = 2 * reply_bytes;
    how.limits.connection.linger_time = 50ms;
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    auto done = co_await in_scope(&beside_who_takes_nothing, std::ref(*opened));
    CHECK(done == errc::cancelled);  // children.cancel() cancelled the waiting clients
}

// One task sends and waits for room, while another receives on the same channel.
task<> send_much(channel_writer to, bool& sent) {
    const auto done = co_await to.send(std::string(100'000, 'x'));
    CHECK(done);
    sent = true;
}

task<> receive_a_little(channel_reader from) {
    while (const auto came = co_await from.receive()) {
    }
}

struct hog final : internal::byte_budget::holder {
    using holder::holder;
    void resume() noexcept override {}
    std::optional<time_point> peer_moved() noexcept override { return {}; }
    void evict() noexcept override {}
};

task<> send_beside_receive(scope& all) {
    auto [served, client] = co_await connected();
    internal::byte_budget& budget = loop::current().budget();
    budget.limit(150'000);
    hog other(budget);
    other.hold(100'000);
    auto [reader, writer] = std::move(served).split();
    bool sent = false;
    all.spawn(send_much(std::move(writer), sent));
    all.spawn(receive_a_little(std::move(reader)));
    for (int i = 0; i < 3; ++i) {
        co_await client.send("small");
        co_await client.flush();
        co_await sleep(5ms);
    }
    CHECK_FALSE(sent);
    CHECK(budget.waiting() == 1);
    other.hold(0);
    auto came = co_await client.receive(loop::current().now() + 5s);
    REQUIRE(came);
    CHECK(came->size() == 100'000);
    CHECK(sent);
    client.shutdown_send();
}

task<> in_scope_done(task<> (*body)(scope&)) {
    auto done = co_await in_scope(body);
    CHECK(done);
}

task<> refuses_what_never_fits() {
    loop::current().budget().limit(std::nullopt);
    auto [served, client] = co_await connected(framing::len32());
    for (int i = 0; i < 2; ++i) CHECK(co_await client.send(std::string(500'000, 'x')));
    loop::current().budget().limit(2'000'000);
    auto fits = co_await served.receive();
    CHECK(fits);
    loop::current().budget().limit(400'000);
    auto over = co_await served.receive();
    REQUIRE_FALSE(over);
    CHECK(over == errc::too_large);
    CHECK(over.error().message().find("held_bytes_of_a_loop") != std::string::npos);
}

}  // namespace

TEST_CASE("while a connection waits for room, another one whose peer takes nothing is closed") {
    on_each_kernel_backend(closes_who_stands_still);
}

TEST_CASE("a send that waits for room still completes when the same channel receives") {
    on_each_kernel_backend([] { return in_scope_done(&send_beside_receive); });
}

TEST_CASE("a message that is larger than the memory limit of a loop is refused as too large") {
    on_each_kernel_backend(refuses_what_never_fits);
}

TEST_CASE("at the memory limit of a loop, large messages wait for each other and small ones do not") {
    on_each_backend([] { return beside_a_crowd(true); });
}

TEST_CASE("messages that never end release their memory when their time limit is over") {
    on_each_backend([] { return beside_a_crowd(false); });
}
