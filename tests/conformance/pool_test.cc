// The loop owns the working memory of its busy channels. Idle channels are small, and channels of all framings share
// the memory. A channel is valid as long as a handle of it exists, also after its server is destroyed.
#include <array>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> until_heard(const std::string& all, std::string_view what) {
    for (int i = 0; i < 5000 && all != what; ++i) co_await sleep(1ms);
    CHECK(all == what);
}

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

// Appends each received message to `all` until receiving ends.
task<> hear(channel& one, std::string& all) {
    while (auto message = co_await one.receive()) all += message->text();
}

// The channel of a client is idle before and after it switches its framing.
task<> idles(scope& children, channel& one, std::string& all) {
    children.spawn(hear(one, all));
    co_await until_idle(one);
    CHECK(one.held_bytes() == 0);
    co_await one.send("first");
    co_await until_heard(all, "first");
    co_await until_idle(one);
    REQUIRE(one.switch_framing(framing::len16()));
    co_await until_idle(one);
    CHECK(one.held_bytes() == 0);
    one.abort();
}

task<> clients_idle() {
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    REQUIRE(opened);
    auto run = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&echo));
        std::string all;
        auto connected = co_await connect(one.local_address().to_string(), framing::lines());
        REQUIRE(connected);
        auto idled = co_await in_scope(&idles, std::ref(*connected), std::ref(all));
        CHECK(idled);
        task<result<owned_stream>> connecting = connect_stream(one.local_address().to_string());
        auto made = co_await std::move(connecting);
        REQUIRE(made);
        channel on_a_stream(std::move(*made), framing::lines());
        all.clear();
        auto idled_too = co_await in_scope(&idles, std::ref(on_a_stream), std::ref(all));
        CHECK(idled_too);
        one.stop();
    };
    auto done = co_await in_scope(+run, std::ref(*opened));
    CHECK(done);
}

constexpr std::array framings{
    "lines",     "len32",   "delimited:7e,escape=7d01:7d/7d02:7e", "len16,check=crc32", "lines,max=8,oversize=stream",
    "netstring", "idle:1ms"};

// A format whose header is a size byte. It keeps a reference to an object of the test.
class sized final : public format {
public:
    explicit sized(std::shared_ptr<int> alive) : alive_(std::move(alive)) {}
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        if (frame.content.empty()) return verdict::more(1);
        ++looked;
        return verdict::frame(1, std::to_integer<std::uint64_t>(frame.content[0]), 0);
    }
    void put_header(std::uint64_t body_size, buffer& out) const override {
        out.append(std::string(1, static_cast<char>(body_size)));
    }
    std::string refuse(bytes_view body) const override { return body.size() < 256 ? "" : "it is too long"; }

private:
    std::shared_ptr<int> alive_;
};

// One loop has a channel of each framing. Each in turn gets a message while all the others are idle.
task<> takes_turns(scope& children, std::vector<channel>& here, std::vector<channel>& there,
                   std::vector<std::string>& heard) {
    std::vector<std::string> sent(here.size());
    for (std::size_t i = 0; i < here.size(); ++i) children.spawn(hear(here[i], heard[i]));
    for (int round = 0; round < 10; ++round) {
        for (std::size_t i = 0; i < here.size(); ++i) {
            for (const auto& one : here) co_await until_idle(one);
            const std::string words = std::to_string(round) + "~" + std::string(round % 3 == 0 ? 20 : 1, '}');
            co_await there[i].send(words);
            sent[i] += words;
            co_await until_heard(heard[i], sent[i]);
        }
    }
    for (auto& one : there) one.shutdown_send();
}

task<> share_the_pool() {
    std::vector<channel> here;
    std::vector<channel> there;
    for (const char* const text : framings) {
        const auto how = *framing::parse(text);
        auto [first, second] = stream_pair();
        here.emplace_back(std::move(first), how);
        there.emplace_back(std::move(second), how.max_none());
    }
    std::vector<std::string> heard(here.size());
    auto done = co_await in_scope(&takes_turns, std::ref(here), std::ref(there), std::ref(heard));
    CHECK(done);
    for (const auto& one : here) CHECK(one.close_reason() == errc::closed);
}

// A handler that moves its channel to `kept`, so that the channel outlives the server.
task<> leave_it(channel client, std::optional<channel>& kept) {
    auto message = co_await client.receive();
    CHECK(message);
    kept.emplace(std::move(client));
}

task<> outlives_its_server() {
    std::optional<channel> kept;
    std::optional<channel> peer;
    {
        server_options how;
        how.limits.drain = 50ms;
        auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
        REQUIRE(opened);
        auto run = [](scope& children, server& one, std::optional<channel>& served,
                      std::optional<channel>& to) -> task<> {
            children.spawn(one.run(&leave_it, std::ref(served)));
            auto connected = co_await connect(one.local_address().to_string(), framing::lines());
            REQUIRE(connected);
            to.emplace(std::move(*connected));
            co_await to->send("hello");
            while (!served) co_await sleep(1ms);
            one.stop();
        };
        auto done = co_await in_scope(+run, std::ref(*opened), std::ref(kept), std::ref(peer));
        CHECK(done);
    }
    // The server aborted the channel when it ended. The handle still returns that error, and can be destroyed.
    auto more = co_await kept->receive();
    CHECK(more == errc::cancelled);
    CHECK(kept->stats().messages_received == 1);
    kept.reset();
    auto gone = co_await peer->receive();
    CHECK(!gone);
}

// A handler closes its channel before it throws. The exception is logged with the address of the peer, and the log may
// call stop().
task<> throws_late(channel client) {
    auto message = co_await client.receive();
    CHECK(message);
    {
        const channel closed = std::move(client);
    }
    co_await sleep(20ms);
    throw std::runtime_error("late");
}

task<> stops_from_the_log() {
    server* serving = nullptr;
    std::string thrown_by;
    int ended = 0;
    server_options how;
    how.log = [&](const server_event& event) {
        if (event.what == server_event::kind::ended) {
            ++ended;
            serving->stop();
        }
        if (event.what == server_event::kind::thrown) thrown_by = event.peer->to_string();
    };
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    serving = &*opened;
    auto run = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&throws_late));
        auto connected = co_await connect(one.local_address().to_string(), framing::lines());
        REQUIRE(connected);
        co_await connected->send("hello");
        auto end = co_await connected->receive();
        CHECK(end == errc::closed);
    };
    auto done = co_await in_scope(+run, std::ref(*opened));
    CHECK(done);
    CHECK(ended == 1);
    CHECK(!thrown_by.empty());
    CHECK(opened->stats().thrown == 1);
}

}  // namespace

TEST_CASE("the channel of a client is small while it is idle, also after it switched its framing") {
    on_each_backend(&clients_idle, 3);
}

TEST_CASE("channels of several framings on one loop share working memory, each with its own messages") {
    on_each_backend(&share_the_pool, 3);
}

TEST_CASE("a custom format is destroyed with the channels that use it, not with the loop") {
    const auto alive = std::make_shared<int>(0);
    loop here(system_backend());
    here.run([](std::shared_ptr<int> with) -> task<> {
        const auto how = framing::custom("sized", std::make_shared<sized>(std::move(with)));
        auto [first, second] = stream_pair();
        channel one(std::move(first), how);
        channel other(std::move(second), how);
        co_await one.send("x");
        auto came = co_await other.receive();
        CHECK(came);
    }(alive));
    CHECK(alive.use_count() == 1);
}

TEST_CASE("a channel that a handler has moved to another owner outlives its server") {
    on_each_backend(&outlives_its_server, 3);
}

TEST_CASE("a log may stop its server while a handler still runs after its channel has closed") {
    on_each_backend(&stops_from_the_log, 3);
}
