// Chaos: at random, servers and clients do everything that a program may do with a channel, and meanwhile cancel each
// other. They send, receive, flush, pace, half-close, abort, sleep, offload work, and set deadlines. Several tasks use
// one channel, and a server is stopped twice. Nothing may crash, hang, leak, or return a message that was not sent.
// Checked builds check the invariants of each channel before each event.
//
// Each backend runs a few seeds, or runs for CHAOS_SECONDS (tests/full/chaos.sh). A failed round prints its seed.
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "tests/conformance/backends.h"
#include "weir/base/internal/random.h"

using namespace weir_test;

namespace {

using weir::internal::random_source;

constexpr auto longest_round = 20s;

// The state that the tasks of one round share. They run on one loop, so their random draws have a fixed order.
struct round_of_chaos {
    random_source draw;
    bool is_uniform = true;  // the framing returns each message as it was sent
    std::uint64_t received = 0;
    std::uint64_t wrong = 0;

    std::uint64_t below(std::uint64_t bound) { return draw.below(bound); }
    bool one_in(std::uint64_t chances) { return draw.below(chances) == 0; }
    std::chrono::microseconds within_us(std::uint64_t bound) { return std::chrono::microseconds(draw.below(bound)); }
    // Returns one letter, repeated, so that a mixture of two messages is detected.
    std::string text(std::uint64_t most) { return std::string(1 + below(most), static_cast<char>('a' + below(26))); }
    void check(std::string_view got) {
        ++received;
        if (is_uniform && got.find_first_not_of(got.substr(0, 1)) != std::string_view::npos) ++wrong;
    }
};

struct side {
    side(channel made, round_of_chaos& of) : one(std::move(made)), round(of) {}
    channel one;
    round_of_chaos& round;
    bool is_read = false;
};
using shared_side = std::shared_ptr<side>;

task<> send_one(shared_side at, std::string words) { co_await at->one.send(words); }

task<> sends(shared_side at) {
    round_of_chaos& chance = at->round;
    for (std::uint64_t left = chance.below(20); left != 0; --left) {
        const std::string words = chance.text(chance.one_in(8) ? 400'000 : chance.one_in(3) ? 9'000 : 60);
        if (chance.one_in(6)) {
            task<> sending = send_one(at, words);
            auto sent = co_await with_deadline(std::move(sending), within(chance.within_us(3000)));
            static_cast<void>(sent);
        } else {
            const result<void> sent = co_await at->one.send(words);
            if (!sent && sent != errc::unencodable && sent != errc::too_large) break;
        }
        if (chance.one_in(4)) co_await at->one.flush();
        if (chance.one_in(8)) co_await sleep(chance.within_us(2000));
        if (chance.one_in(40)) at->one.pace(chance.within_us(300));
        if (chance.one_in(60)) at->one.shutdown_send();
        if (chance.one_in(80)) at->one.abort();
    }
}

task<> receives(shared_side at) {
    if (std::exchange(at->is_read, true)) co_return;
    round_of_chaos& chance = at->round;
    for (std::uint64_t left = chance.below(200); left != 0; --left) {
        const deadline until = chance.one_in(3) ? within(chance.within_us(2000)) : deadline();
        auto got = co_await at->one.receive(until);
        if (!got) {
            if (at->one.close_reason() == errc::none && got == errc::timed_out) continue;
            break;
        }
        chance.check(got->text());
        if (chance.one_in(3)) co_await at->one.send(*got);
        if (chance.one_in(20)) co_await sleep(chance.within_us(3000));
        if (chance.one_in(10)) {
            auto done = co_await offload([] { return 1; });
            static_cast<void>(done);
        }
        if (chance.one_in(100)) at->one.abort();
    }
    at->is_read = false;
}

task<> several(scope& children, shared_side at) {
    round_of_chaos& chance = at->round;
    for (std::uint64_t left = 1 + chance.below(4); left != 0; --left) {
        if (chance.one_in(2)) {
            children.spawn(sends(at));
        } else {
            children.spawn(receives(at));
        }
    }
    children.spawn(receives(at));
    if (chance.one_in(2)) {
        co_await sleep(chance.within_us(8000));
        children.cancel();
    }
}

task<result<void>> in_a_scope(shared_side at) { co_return co_await in_scope(several, at); }

task<> play(channel one, round_of_chaos& chance) {
    auto at = std::make_shared<side>(std::move(one), chance);
    for (std::uint64_t left = 1 + chance.below(2); left != 0; --left) {
        task<result<void>> playing = in_a_scope(at);
        auto done = co_await with_deadline(std::move(playing), within(std::chrono::milliseconds(1 + chance.below(30))));
        static_cast<void>(done);
        at->is_read = false;
    }
}

task<> wait_for(duration time) { co_await sleep(time); }

task<> clients(std::string where, framing how, channel_limits limits, server& of, round_of_chaos& chance) {
    for (int i = 0; i < 6; ++i) {
        auto connected = co_await connect(where, how, limits, within(1s));
        if (!connected) continue;
        if (chance.one_in(5)) {
            task<> playing = play(std::move(*connected), chance);
            task<> waiting = wait_for(std::chrono::milliseconds(chance.below(10)));
            co_await when_any(std::move(playing), std::move(waiting));
        } else {
            co_await play(std::move(*connected), chance);
        }
    }
    of.stop();
    if (chance.one_in(2)) of.stop();
}

server_options drawn_options(round_of_chaos& chance) {
    server_options how;
    auto& limits = how.limits.connection;
    how.limits.drain = 100ms;
    limits.linger_time = 20ms;
    limits.stalled_send = std::chrono::milliseconds(20 + chance.below(200));
    if (chance.one_in(3)) {
        limits.high_water_bytes = 5000;
        limits.low_water_bytes = chance.below(5000);
    }
    if (chance.one_in(3)) how.limits.held_bytes_of_a_loop = 200'000 + chance.below(500'000);
    if (chance.one_in(3)) limits.idle = std::chrono::milliseconds(1 + chance.below(20));
    if (chance.one_in(3)) limits.whole_message = std::chrono::milliseconds(1 + chance.below(20));
    return how;
}

task<> one_round(round_of_chaos& chance, bool has_paths) {
    constexpr std::array framings{"lines",
                                  "len32",
                                  "len16",
                                  "netstring",
                                  "varint",
                                  "lines,max=1000,oversize=skip",
                                  "len32,max=1000,oversize=stream",
                                  "delimited:7e,escape=7d01:7d/7d02:7e",
                                  "chunks",
                                  "len32,check=crc32",
                                  "idle:1ms",
                                  "lines,max=1MiB",
                                  "len64,max=none"};
    const server_options how = drawn_options(chance);
    const auto described = *framing::parse(framings[chance.below(framings.size())]);
    const auto kind = described.fields().kind;
    chance.is_uniform = kind != framing_kind::chunks && kind != framing_kind::idle;
    const bool is_path = has_paths && chance.one_in(3);
    auto opened =
        server::listen(is_path ? "unix:@weir-chaos-" + std::to_string(::getpid()) : "127.0.0.1:0", described, how);
    REQUIRE(opened);
    auto run = [](scope& children, server& one, framing with, channel_limits limits, round_of_chaos& all) -> task<> {
        children.spawn(clients(one.local_address().to_string(), with, limits, one, all));
        co_await one.run(&play, std::ref(all));
    };
    auto done = co_await in_scope(+run, std::ref(*opened), described, how.limits.connection, std::ref(chance));
    CHECK(done);
}

struct chaos {
    const char* name;
    std::unique_ptr<backend> (*make)(std::uint64_t seed);
    bool has_paths;
};

void run_chaos(const chaos& on, std::uint64_t first_seed, std::uint64_t least_rounds, duration least_time) {
    const time_point begin = now();
    std::uint64_t rounds = 0;
    std::uint64_t received = 0;
    for (std::uint64_t seed = first_seed; rounds < least_rounds || now() - begin < least_time; ++seed, ++rounds) {
        CAPTURE(std::string(on.name));
        CAPTURE(seed);
        round_of_chaos chance{random_source(seed)};
        const time_point at = now();
        {
            loop here(on.make(seed));
            here.run(one_round(chance, on.has_paths));
        }
        CHECK(chance.wrong == 0);
        CHECK(now() - at < longest_round);
        received += chance.received;
    }
    MESSAGE(std::string(on.name), ": ", rounds, " rounds from seed ", first_seed, ", ", received, " messages received");
    CHECK(received > 0);
}

}  // namespace

TEST_CASE("chaos: whatever programs do with channels at once, no message is wrong and everything ends") {
    const char* const seconds = std::getenv("CHAOS_SECONDS");
    const char* const seed = std::getenv("CHAOS_SEED");
    const std::uint64_t first = seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
    const duration time = std::chrono::seconds(seconds == nullptr ? 0 : std::strtoul(seconds, nullptr, 10));
    for (const chaos& each :
         {chaos{"epoll", by_epoll, true}, chaos{"io_uring", by_uring, true}, chaos{"simulated", simulated, false}}) {
        run_chaos(each, first, 5, time / 3);
    }
}
