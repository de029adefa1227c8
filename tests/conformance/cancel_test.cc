// Runs a dialogue once for each turn of the loop, and cancels the waiting send or receive in that turn. A cancelled
// receive loses nothing and a cancelled send queues nothing. The next attempt continues as if there had been no cancel.
#include <algorithm>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

constexpr int numbers = 24;

// Counts turns. At the end of the turn with the given number, pushes one value into a queue.
class trigger final : internal::ready_item {
public:
    trigger(std::uint64_t turn, queue<int>& pushes) : turn_(turn), pushes_(pushes) {
        loop::current().at_turn_end(*this);
    }
    ~trigger() override { unlist(); }

    std::uint64_t turns() const noexcept { return turns_; }

private:
    void run() override {
        if (turns_++ == turn_) {
            fires_.emplace(fire(pushes_));
            child_.begin(*fires_, loop::current());
        }
        loop::current().at_turn_end(*this);
    }
    static task<> fire(queue<int>& into) {
        auto pushed = co_await into.push(1);
        CHECK(pushed);
    }

    std::uint64_t turn_;
    queue<int>& pushes_;
    std::uint64_t turns_ = 0;
    internal::child_task child_;
    std::optional<task<>> fires_;
};

task<result<std::string>> receive_one(channel_reader& from) {
    auto message = co_await from.receive();
    if (!message) co_return message.error();
    co_return std::string(message->text());
}
task<result<void>> send_one(channel_writer& to, std::string words) {
    result<void> sent = co_await to.send(words);
    co_return sent;
}
task<result<int>> cancelled_by(queue<int>& from) { co_return co_await from.pop(); }

// Sends all messages. Repeats each send that was cancelled, and counts the cancelled sends.
task<> send_all(channel_writer to, queue<int>& cancels, int& cancelled) {
    for (int i = 0; i < numbers;) {
        // The messages have many sizes, so that buffers fill at different places.
        task<result<void>> sends =
            send_one(to, std::to_string(i) + std::string(static_cast<std::size_t>(i * 37 % 300), '.'));
        auto first = co_await when_any(std::move(sends), cancelled_by(cancels));
        if (first.index() == 1) {
            ++cancelled;
            continue;
        }
        REQUIRE(std::get<0>(first));
        ++i;
    }
    to.shutdown_send();
}
task<> receive_all(channel_reader from, queue<int>& cancels, int& cancelled, std::vector<int>& got) {
    for (;;) {
        auto first = co_await when_any(receive_one(from), cancelled_by(cancels));
        if (first.index() == 1) {
            ++cancelled;
            continue;
        }
        const auto& received = std::get<0>(first);
        if (!received) break;
        got.push_back(std::stoi(*received));
    }
    CHECK(from.close_reason().message() == "receive " + from.peer().to_string() + ": closed by the peer");
}

// Echoes every message.
task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

struct outcome_of_run {
    std::uint64_t turns = 0;
    int cancelled = 0;
    std::vector<int> got;
};

enum class side { sending, receiving };

task<outcome_of_run> dialogue(side which, std::uint64_t at) {
    channel_limits narrow;
    narrow.high_water_bytes = 256;
    narrow.low_water_bytes = 64;
    outcome_of_run run;
    auto [served, client] = co_await connected(framing::lines(), narrow, narrow);
    queue<int> cancels(1);
    queue<int> never(1);
    trigger fires(at, cancels);
    auto all = [](scope& children, channel one, channel other, queue<int>& sending, queue<int>& receiving,
                  outcome_of_run& made) -> task<> {
        children.spawn(echo(std::move(one)));
        auto [reads, writes] = std::move(other).split();
        children.spawn(send_all(std::move(writes), sending, made.cancelled));
        children.spawn(receive_all(std::move(reads), receiving, made.cancelled, made.got));
        co_return;
    };
    auto done = co_await in_scope(+all, std::move(served), std::move(client),
                                  std::ref(which == side::sending ? cancels : never),
                                  std::ref(which == side::receiving ? cancels : never), std::ref(run));
    CHECK(done);
    run.turns = fires.turns();
    co_return run;
}

std::vector<int> in_order() {
    std::vector<int> all(numbers);
    for (int i = 0; i < numbers; ++i) all[static_cast<std::size_t>(i)] = i;
    return all;
}

outcome_of_run run_in(const tested_backend& where, std::uint64_t seed, side which, std::uint64_t at) {
    this_backend = &where;
    loop here(where.make(seed));
    return here.run(dialogue(which, at));
}

}  // namespace

TEST_CASE("a send or a receive is cancelled at any turn, and no message is lost, doubled or out of order") {
    const auto expected = in_order();
    for (const auto& where : tested_backends) {
        const bool simulates = where.seeds > 1;
        std::size_t runs = 0;
        int cancelled = 0;
        for (std::uint64_t seed = 1; seed <= (simulates ? 12u : 2u); ++seed) {
            for (const auto which : {side::sending, side::receiving}) {
                for (std::uint64_t at = 0;; ++at) {
                    const auto made = run_in(where, seed, which, at);
                    ++runs;
                    cancelled += made.cancelled;
                    if (made.got != expected) {
                        CAPTURE(std::string(where.name));
                        CAPTURE(seed);
                        CAPTURE(at);
                        CAPTURE(static_cast<int>(which));
                        REQUIRE(made.got == expected);
                    }
                    if (at >= made.turns) break;
                }
            }
        }
        MESSAGE(std::string(where.name), ": ", runs, " runs, ", cancelled, " cancelled");
        CHECK(cancelled > (simulates ? static_cast<int>(runs) / 8 : 2));
    }
}
