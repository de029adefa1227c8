// Clients connect, talk, cancel and abort repeatedly on real sockets. Every reply is checked, and neither descriptors
// nor memory grow. Runs for two seconds, or for CHURN_SECONDS (tests/full/churn.sh: ten minutes).
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/conformance/backends.h"
#include "tests/open_descriptors.h"
#include "weir/base/internal/random.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

struct tally {
    std::uint64_t connections = 0;
    std::uint64_t replies = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t aborted = 0;
    std::uint64_t wrong = 0;
};

task<result<std::string>> ask(channel& server, std::string words) {
    result<void> sent = co_await server.send(words);
    if (!sent) co_return sent.error();
    auto reply = co_await server.receive();
    if (!reply) co_return reply.error();
    co_return std::string(reply->text());
}

task<> one_talk(std::string where, internal::random_source& draw, tally& all) {
    auto connected = co_await connect(where, framing::lines());
    if (!connected) {
        ++all.wrong;
        co_return;
    }
    channel server = std::move(*connected);
    ++all.connections;
    const std::uint64_t messages = draw.below(6);
    for (std::uint64_t i = 0; i < messages; ++i) {
        const std::string words =
            std::to_string(draw.next()) + std::string(draw.one_in(8) ? draw.below(100'000) : 0, '.');
        task<result<std::string>> asks = ask(server, words);
        const bool hurries = draw.one_in(5);
        const deadline until = hurries ? deadline(loop::current().now() + std::chrono::microseconds(draw.below(400)))
                                       : deadline(loop::current().now() + 30s);
        auto reply = co_await with_deadline(std::move(asks), until);
        if (reply && *reply == words) {
            ++all.replies;
        } else if (!reply && hurries && reply == errc::timed_out) {
            ++all.cancelled;
            break;  // the message may or may not have been sent
        } else {
            ++all.wrong;
        }
    }
    if (draw.one_in(4)) {
        ++all.aborted;
        server.abort();
    }
}

task<> worker(std::string where, std::uint64_t seed, deadline until, tally& all) {
    internal::random_source draw(seed);
    while (!until.passed(loop::current().now())) co_await one_talk(where, draw, all);
}

struct level {
    std::size_t descriptors;
    std::size_t resident_bytes;
};

level measured() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    statm >> pages >> pages;
    return {open_descriptors(), pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))};
}

task<> churn(duration time, tally& all, std::vector<level>& levels) {
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    REQUIRE(opened);
    auto run = [](scope& children, server& one, duration how_long, tally& counts, std::vector<level>& seen) -> task<> {
        children.spawn(one.run(&echo));
        // Buffers, coroutine frames and the allocator grow only in the first round.
        for (int round = 0; round < 2; ++round) {
            const deadline until(loop::current().now() + how_long / 2);
            auto workers = [](scope& many, std::string where, deadline end, tally& to, int nth) -> task<> {
                for (int i = 0; i < 40; ++i)
                    many.spawn(worker(where, static_cast<std::uint64_t>(nth * 100 + i), end, to));
                co_return;
            };
            auto ended = co_await in_scope(+workers, one.local_address().to_string(), until, std::ref(counts), round);
            CHECK(ended);
            while (one.stats().open != 0) co_await sleep(5ms);
            seen.push_back(measured());
        }
        one.stop();
    };
    auto done = co_await in_scope(+run, std::ref(*opened), time, std::ref(all), std::ref(levels));
    CHECK(done);
    CHECK(opened->stats().accepted == all.connections);
}

}  // namespace

TEST_CASE("connections come and go, and nothing grows") {
    const char* const said = std::getenv("CHURN_SECONDS");
    tally all;
    std::vector<level> levels;
    run(churn(std::chrono::seconds(said == nullptr ? 2 : std::stoi(said)), all, levels));
    MESSAGE(all.connections, " connections, ", all.replies, " replies, ", all.cancelled, " cancelled, ", all.aborted,
            " aborted, ", all.wrong, " wrong; descriptors ", levels[0].descriptors, " and ", levels[1].descriptors,
            ", resident KiB ", levels[0].resident_bytes / 1024, " and ", levels[1].resident_bytes / 1024);
    CHECK(all.wrong == 0);
    CHECK(all.connections > 100);
    CHECK(levels[1].descriptors == levels[0].descriptors);
    CHECK(levels[1].resident_bytes < levels[0].resident_bytes + (std::size_t{MOST_GROWTH_MIB} << 20));
}
