// Tests each limit of a server (weir/service/limits.h) against peers that try to exceed it. No measured value is above
// its limit, and no time limit ends early. Prints a line for each limit and backend of the kernel. tests/full/limits.sh
// does the same with `weir serve`.
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

bool is_simulated() { return this_backend->seeds > 1; }

void report(const std::string& row, std::size_t limit, std::size_t measured, const char* unit = "bytes") {
    CAPTURE(row);
    CHECK(measured <= limit);
    if (!is_simulated())
        std::printf("limits, %s: %s: %zu of %zu %s\n", this_backend->name, row.c_str(), measured, limit, unit);
}

struct times {
    duration least;
    duration most;
};

// Checks that the times are between `limit` and `limit` + `late`. Allows 30 ms more in the simulated network, and 2 s
// more on a real one, because of other programs. Prints the times of the real network.
void tell_time(const std::string& row, duration limit, times measured, duration late = {}) {
    CAPTURE(row);
    const auto ms = [](duration time) { return static_cast<long long>(time / 1ms); };
    CAPTURE(ms(measured.least));
    CAPTURE(ms(measured.most));
    CHECK(measured.least >= limit);
    CHECK(measured.most <= limit + late + (is_simulated() ? duration(30ms) : duration(2s)));
    if (is_simulated()) return;
    std::printf("limits, %s: %s: %lld to %lld ms, allowed %lld to %lld ms\n", this_backend->name, row.c_str(),
                ms(measured.least), ms(measured.most), ms(limit), ms(limit + late));
}

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        if (const auto sent = co_await client.send(*message); !sent) break;
    }
}

// A function that starts the coroutine that attacks a server.
using attack = std::function<task<>(server&)>;

// Runs an attack on a server. Then stops the server.
task<server_stats> beside(server_options how, framing described, handler handles, attack by) {
    auto opened = server::listen("127.0.0.1:0", std::move(described), std::move(how));
    REQUIRE(opened);
    auto all = [](scope& children, server& one, const handler& run, const attack& begin) -> task<> {
        children.spawn(one.serve_with(run));
        co_await begin(one);
        one.stop();
        one.stop();
    };
    auto ended = co_await in_scope(+all, std::ref(*opened), std::cref(handles), std::cref(by));
    CHECK(ended);
    co_return opened->stats();
}

std::string where(const server& one) { return one.local_address().to_string(); }

// What a peer sends after it has connected: `first`, `second` after a pause, and then single bytes if `drips` is set.
// Not an aggregate, because g++ 12 destroys temporary aggregates in a co_await expression twice.
class habits {
public:
    habits() = default;
    explicit habits(std::string text, bool dripping = false, duration between = {}, std::string then = {})
        : first(std::move(text)), drips(dripping), pause(between), second(std::move(then)) {}

    std::string first;
    bool drips = false;
    duration pause{};
    std::string second;
};

// Connects, and returns the time until the connection ends. The measurement begins before the last of `first` and
// `second` is sent, or before the connect if both are empty.
task<duration> until_closed(std::string to, habits of) {
    time_point began = loop::current().now();
    auto peer = co_await connect(to, framing::chunks());
    REQUIRE(peer);
    for (const std::string* const bytes : {&of.first, &of.second}) {
        if (bytes->empty()) continue;
        began = loop::current().now();
        co_await peer->send(*bytes);
        co_await sleep(of.pause);
    }
    for (;;) {
        const auto came = co_await peer->receive(of.drips ? deadline(loop::current().now() + 40ms) : deadline());
        if (came) continue;
        if (peer->close_reason().code() != errc::none) co_return loop::current().now() - began;
        co_await peer->send("x");
    }
}

// Calls until_closed() for two peers at once. Returns the shorter and the longer time.
task<times> until_both_closed(server& one, habits of_one, habits of_other) {
    const auto [first, second] =
        co_await when_all(until_closed(where(one), std::move(of_one)), until_closed(where(one), std::move(of_other)));
    co_return times{std::min(first, second), std::max(first, second)};
}

// A message of the maximum size is answered; a message with one more byte is not.
task<> attack_size(server& one) {
    std::size_t largest = 0;
    for (const std::size_t size : {1U, 999U, 1000U, 1001U, 1002U, 4000U}) {
        auto peer = co_await connect(where(one), framing::len32());
        REQUIRE(peer);
        co_await peer->send(std::string(size, 'x'));
        auto reply = co_await peer->receive();
        if (reply) largest = std::max(largest, reply->size());
    }
    report("message size", 1000, largest);
    CHECK(largest == 1000);
}

constexpr std::size_t high_water = 64 * 1024;
constexpr std::size_t low_water = 16 * 1024;
constexpr std::size_t longest = 900;

struct queued {
    std::size_t most = 0;
    std::size_t at_resumption = 0;
};

// Sends until a send fails. If `is_alone` is set, also records how many bytes are queued when a waiting send resumes.
task<> send_always(channel_writer& to, queued& seen, std::size_t bytes, bool is_alone) {
    for (;;) {
        const bool waits = to.queued_bytes() >= high_water;
        if (const auto sent = co_await to.send(std::string(bytes, 'x')); !sent) co_return;
        seen.most = std::max(seen.most, to.queued_bytes());
        if (waits && is_alone) seen.at_resumption = std::max(seen.at_resumption, to.queued_bytes() - bytes - 4);
    }
}

task<> receive_always(channel_reader& from) {
    while (const auto came = co_await from.receive()) {
    }
}

// `senders` tasks send while another task receives on the same channel.
task<> send_and_receive(channel client, queued& seen, std::size_t senders) {
    auto all = [](scope& children, channel_reader& reader, channel_writer& writer, queued& what,
                  std::size_t count) -> task<> {
        children.spawn(receive_always(reader));
        for (std::size_t i = 0; i < count; ++i) {
            children.spawn(send_always(writer, what, longest - 70 * i, count == 1));
        }
        co_return;
    };
    auto [reader, writer] = std::move(client).split();
    static_cast<void>(co_await in_scope(+all, std::ref(reader), std::ref(writer), std::ref(seen), senders));
}

// A peer that reads a little from time to time, and sends meanwhile.
task<> read_slowly(server& one) {
    auto peer = co_await connect(where(one), framing::chunks());
    REQUIRE(peer);
    const time_point began = loop::current().now();
    while (loop::current().now() - began < 300ms) {
        co_await peer->send(std::string("\0\0\0\1a", 5));
        auto came = co_await peer->receive(loop::current().now() + 1ms);
        co_await sleep(1ms);
    }
    peer->abort();
}

task<> outgoing_bytes() {
    server_options how;
    how.limits.connection.high_water_bytes = high_water;
    how.limits.connection.low_water_bytes = low_water;
    queued alone;
    queued many;
    const handler one = [&alone](channel client) { return send_and_receive(std::move(client), alone, 1); };
    const handler twelve = [&many](channel client) { return send_and_receive(std::move(client), many, 12); };
    static_cast<void>(co_await when_all(beside(how, framing::len32(), one, &read_slowly),
                                        beside(how, framing::len32(), twelve, &read_slowly)));
    CHECK(std::min(alone.most, many.most) >= high_water);
    report("outgoing bytes of a connection, and the message that reaches them", high_water - 1 + longest + 4,
           std::max(alone.most, many.most));
    report("outgoing bytes of a connection when its sender continues", low_water, alone.at_resumption);
}

task<> send_for_ever(channel client, times& took) {
    const std::string block(10'000, 'x');
    time_point began = loop::current().now();
    for (auto sent = co_await client.send(block); sent; sent = co_await client.send(block)) {
        began = loop::current().now();
    }
    took.least = took.most = loop::current().now() - began;
    CHECK(client.failure() == errc::timed_out);
}

task<> take_nothing(server& one) {
    task<result<owned_stream>> connecting = connect_stream(where(one));
    auto peer = co_await std::move(connecting);
    REQUIRE(peer);
    while (one.stats().ended_by(errc::timed_out) == 0) co_await sleep(1ms);
}

task<> stalled_send() {
    server_options how;
    how.limits.connection.stalled_send = 400ms;
    times took{};
    const handler sending = [&took](channel client) { return send_for_ever(std::move(client), took); };
    co_await beside(how, framing::lines(), sending, &take_nothing);
    tell_time("stalled send", 400ms, took, 100ms);
}

task<> attack_first_message(server& one) {
    tell_time("first message", 200ms, co_await until_both_closed(one, habits(), habits({}, true)));
}

// One peer drips. The other one slowly sends a partial message after an oversize message that the server skips.
task<> attack_whole_message(server& one) {
    const habits dripping("x", true);
    const habits behind_skipped(std::string(100, 'x'), false, 200ms, "x\nx");
    tell_time("whole message once begun", 300ms, co_await until_both_closed(one, dripping, behind_skipped));
}

task<> attack_idle(server& one) {
    tell_time("idle", 250ms, co_await until_both_closed(one, habits(), habits("whole\n")));
}

task<> clocks() {
    server_options first;
    first.limits.connection.first_message = 200ms;
    server_options whole;
    whole.limits.connection.first_message.reset();
    whole.limits.connection.whole_message = 300ms;
    server_options idle;
    idle.limits.connection.idle = 250ms;
    const framing skipping = *framing::parse("lines,max=64,oversize=skip");
    static_cast<void>(co_await when_all(beside(first, framing::lines(), &echo, &attack_first_message),
                                        beside(whole, skipping, &echo, &attack_whole_message),
                                        beside(idle, framing::lines(), &echo, &attack_idle)));
}

// Connects repeatedly. Depending on `which`, sends a line or an oversize message, half-closes, or aborts.
task<> come_often(std::string to, int which) {
    const std::string words = which % 3 == 0 ? std::string(100, 'x') : "hello\n";
    const time_point began = loop::current().now();
    while (loop::current().now() - began < 250ms) {
        auto peer = co_await connect(to, framing::chunks());
        if (!peer) continue;
        co_await peer->send(words);
        if (which % 3 == 1) peer->shutdown_send();
        auto reply = co_await peer->receive(loop::current().now() + 20ms);
        if (which % 2 == 0) peer->abort();
    }
}

task<> come_in_crowds(server& one, std::size_t& most) {
    auto all = [](scope& children, server& served, std::size_t& open) -> task<> {
        for (int i = 0; i < 30; ++i) children.spawn(come_often(where(served), i));
        while (children.children() > 1) {
            open = std::max<std::size_t>(open, served.stats().open);
            co_await sleep(100us);
        }
    };
    static_cast<void>(co_await in_scope(+all, std::ref(one), std::ref(most)));
}

task<> numbers_of_connections() {
    server_options all;
    all.limits.connections = 5;
    all.limits.connections_of_a_source = std::nullopt;
    server_options of_a_source;
    of_a_source.limits.connections_of_a_source = 4;
    std::size_t most = 0;
    std::size_t most_of_a_source = 0;
    const framing lines = *framing::parse("lines,max=64");
    const attack crowds = [&most](server& one) { return come_in_crowds(one, most); };
    const attack crowds_of_a_source = [&most_of_a_source](server& one) {
        return come_in_crowds(one, most_of_a_source);
    };
    static_cast<void>(
        co_await when_all(beside(all, lines, &echo, crowds), beside(of_a_source, lines, &echo, crowds_of_a_source)));
    CHECK(most == 5);
    CHECK(most_of_a_source == 4);
    report("connections of a server", 5, most, "connections");
    report("connections of a source address", 4, most_of_a_source, "connections");
}

// Returns the size of the kernel's buffers, with their overhead, for the connections of a server in this process.
std::size_t memory_of_kernel(const server& one) {
    std::size_t sum = 0;
    for (int fd = 3; fd < 512; ++fd) {
        sockaddr_in name{};
        socklen_t size = sizeof name;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0 || name.sin_family != AF_INET) continue;
        if (ntohs(name.sin_port) != one.local_address().port()) continue;
        std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
        size = sizeof memory;
        if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) continue;
        sum += memory[SK_MEMINFO_RMEM_ALLOC] + memory[SK_MEMINFO_WMEM_QUEUED];
    }
    return sum;
}

constexpr std::size_t crowd = 20;
constexpr std::size_t most_held = 1 << 20;
constexpr std::size_t most_of_kernel = 6 << 20;  // half of this is about 150 KiB for each peer of the crowd

// A peer that sends large messages as fast as it can, reads no reply, and reconnects when it is closed.
class flooder {
public:
    explicit flooder(std::string to) : to_(std::move(to)) {}
    void go_on() {
        if (!peer_) {
            auto made = connect_to(to_);
            REQUIRE(made);
            peer_.emplace(std::move(*made));
            CHECK(peer_->set(option::receive_buffer_bytes, std::size_t{4096}));
            place_ = 0;
        }
        for (;;) {
            const std::size_t left = message_.size() - place_;
            const ssize_t sent = ::send(peer_->fd(), message_.data() + place_, left, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) peer_.reset();
            if (sent < 0) return;
            place_ = (place_ + static_cast<std::size_t>(sent)) % message_.size();
        }
    }

private:
    const std::string to_;
    const std::string message_ = std::string("\0\0\xea\x60", 4) + std::string(60'000, 'x');
    std::optional<weir::socket> peer_;
    std::size_t place_ = 0;
};

// The peers start one after another, so that the first ones have time to fill their buffers.
task<> flood(server& one, std::size_t& held, std::size_t& of_kernel) {
    std::vector<flooder> peers;
    for (int turn = 0; turn < 400; ++turn) {
        if (turn % 10 == 0 && peers.size() < crowd) peers.emplace_back(where(one));
        for (flooder& each : peers) each.go_on();
        held = std::max(held, loop::current().budget().held_bytes());
        of_kernel = std::max(of_kernel, memory_of_kernel(one));
        co_await sleep(1ms);
    }
    CHECK(one.stats().open > crowd / 2);
}

task<> memory() {
    server_options how;
    how.limits.connections = crowd;
    how.limits.connections_of_a_source = std::nullopt;
    how.limits.held_bytes_of_a_loop = most_held;
    how.limits.kernel_buffer_bytes = most_of_kernel;
    std::size_t held = 0;
    std::size_t of_kernel = 0;
    const attack flooding = [&](server& one) { return flood(one, held, of_kernel); };
    co_await beside(how, framing::len32(), &echo, flooding);
    CHECK(held > most_held / 2);
    CHECK(of_kernel > most_of_kernel / 4);
    report("held bytes of a loop, and what each of 20 always may",
           most_held + crowd * internal::byte_budget::always_bytes, held);
    report("kernel's buffers of a server", most_of_kernel, of_kernel);
}

// The server closes the connection because of an oversize message. The peer is then silent or drips until the end.
task<> linger_on(server& one, bool drips, times& took) {
    auto peer = co_await connect(where(one), framing::chunks());
    REQUIRE(peer);
    const time_point began = loop::current().now();
    co_await peer->send(std::string(100, 'x'));
    auto end = co_await peer->receive();
    CHECK(end == errc::closed);
    while (one.stats().open != 0) {
        if (drips) co_await peer->send("x");
        co_await sleep(5ms);
    }
    took.least = took.most = loop::current().now() - began;
}

task<> flood_at_the_end(server& one) {
    auto peer = co_await connect(where(one), framing::chunks());
    REQUIRE(peer);
    const std::string block(100'000, 'x');
    for (auto sent = co_await peer->send(block); sent; sent = co_await peer->send(block)) {
    }
    while (one.stats().open != 0) co_await sleep(1ms);
}

constexpr std::size_t most_dropped = 400'000;
constexpr std::size_t largest_read = 256 * 1024;

task<> linger() {
    server_options timed;
    timed.limits.connection.linger_time = 200ms;
    server_options counted;
    counted.limits.connection.linger_time = 10s;
    counted.limits.connection.linger_bytes = most_dropped;
    const framing lines = *framing::parse("lines,max=64");
    times silent{};
    times dripping{};
    const attack silently = [&silent](server& of) { return linger_on(of, false, silent); };
    const attack with_drips = [&dripping](server& of) { return linger_on(of, true, dripping); };
    const auto [one, other, flooded] =
        co_await when_all(beside(timed, lines, &echo, silently), beside(timed, lines, &echo, with_drips),
                          beside(counted, lines, &echo, &flood_at_the_end));
    tell_time("linger at the end", 200ms,
              {std::min(silent.least, dripping.least), std::max(silent.most, dripping.most)});
    CHECK(flooded.messages.bytes_received >= most_dropped);
    report("linger at the end, and the read that reaches it", most_dropped + largest_read,
           flooded.messages.bytes_received);
}

task<> talk_on(server& one) {
    auto peer = co_await connect(where(one), framing::lines());
    REQUIRE(peer);
    for (;;) {
        co_await peer->send("whole");
        if (const auto reply = co_await peer->receive(); !reply) co_return;
        co_await sleep(1ms);
    }
}

task<times> stop_and_wait(server& one) {
    co_await sleep(50ms);
    const time_point began = loop::current().now();
    one.stop();
    while (one.stats().open != 0) co_await sleep(1ms);
    co_return times{loop::current().now() - began, loop::current().now() - began};
}

// One peer sends half a message, one drips, and one sends whole messages without a pause.
task<> attack_drain(server& one) {
    const auto [half, dripping, talked, took] =
        co_await when_all(until_closed(where(one), habits("half")), until_closed(where(one), habits("half", true)),
                          talk_on(one), stop_and_wait(one));
    tell_time("drain", 200ms, took);
}

task<> drain() {
    server_options how;
    how.limits.drain = 200ms;
    const server_stats after = co_await beside(how, framing::lines(), &echo, &attack_drain);
    CHECK(after.aborted >= 2);
}

task<> sizes() { co_await beside({}, *framing::parse("len32,max=1000"), &echo, &attack_size); }

// Runs most tests at the same time, because they mostly wait.
task<> all_but_memory() {
    static_cast<void>(co_await when_all(sizes(), outgoing_bytes(), stalled_send(), clocks(), linger(), drain()));
    co_await numbers_of_connections();
}

}  // namespace

TEST_CASE("no limit of a server is exceeded, and no time limit ends early, whatever its peers do") {
    for (const auto& each : tested_backends) {
        if (!each.transforms()) on_backend(each, all_but_memory, 1);
    }
}

TEST_CASE("the memory of a server that is flooded stays within its limits, in the program and in the kernel") {
    for (const auto& each : {tested_backends[0], tested_backends[2]}) on_backend(each, memory, 1);
}
