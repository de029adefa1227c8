// Many channels send one shared payload. Tests what arrives, what is counted, and how long references to it exist.
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/backends.h"
#include "weir/base/internal/random.h"

using namespace weir_test;

namespace {

constexpr std::size_t least = shared_payload::least_shared_bytes;

long references(const shared_payload& one) { return one.content().use_count(); }

std::string payload_of(std::uint64_t number, std::size_t size) {
    std::string text = std::to_string(number) + ' ';
    while (text.size() < size) text += static_cast<char>('a' + (text.size() + number) % 26);
    return text;
}

struct framed_dialogue {
    const char* framing;
    std::size_t exact = 0;  // the only size of a payload; 0: any
};

constexpr framed_dialogue framed_dialogues[] = {
    {"len32,max=1MiB"},
    {"lines,max=1MiB"},
    {"netstring,max=1MiB"},
    {"varint,max=1MiB,check=crc32"},
    {"delimited:7e,start=7e,escape=7d01:7d/7d02:7e/7d03:61,max=1MiB"},
    {"fixed:20000", 20'000},
};

constexpr int messages = 60;

std::size_t size_of(const framed_dialogue& how, std::uint64_t number) {
    if (how.exact != 0) return how.exact;
    constexpr std::size_t sizes[] = {1, 300, least - 1, least, 3 * least, 60'000};
    return sizes[number * 7 % std::size(sizes)];
}

// Sends plain bytes, shared payloads, and payloads in moved buffers, in random order.
task<> send_all(channel& to, const framed_dialogue& how, internal::random_source draw, bool& done) {
    std::optional<shared_payload> again;
    for (int i = 0; i < messages; ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        const std::string text = payload_of(number, size_of(how, number));
        switch (draw.below(3)) {
            case 0: co_await to.send(text); break;
            case 1: {
                buffer owned;
                owned.append(text);
                co_await to.send(std::move(owned));
                break;
            }
            default: {
                again.emplace(text);
                co_await to.send(*again);
                break;
            }
        }
        if (draw.one_in(10)) co_await sleep(1ms);
    }
    co_await to.flush();
    if (again) CHECK(references(*again) == 1);
    to.shutdown_send();
    done = true;
}

task<> receive_all(channel& from, const framed_dialogue& how, internal::random_source draw) {
    for (int i = 0; i < messages; ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        auto got = co_await from.receive();
        REQUIRE(got);
        CHECK((got->text() == payload_of(number, size_of(how, number))));
        if (draw.one_in(4)) co_await sleep(1ms);  // lets the kernel's buffers and the queue fill
    }
    auto last = co_await from.receive();
    CHECK(last == errc::closed);
}

task<> shared_dialogue(const framed_dialogue& how, std::uint64_t seed) {
    CAPTURE(std::string(how.framing));
    channel_limits small;
    small.high_water_bytes = 150'000;
    small.low_water_bytes = 100'000;
    auto [served, client] = co_await connected(*framing::parse(how.framing), small);
    bool done = false;
    const internal::random_source draw(seed);
    task<> sends = send_all(served, how, draw, done);
    task<> receives = receive_all(client, how, draw);
    co_await when_all(std::move(sends), std::move(receives));
    CHECK(done);
    CHECK(served.stats().messages_sent == messages);
    CHECK(served.stats().bytes_sent == client.stats().bytes_received);
}

}  // namespace

TEST_CASE("shared, copied and moved payloads arrive whole and in order, in every framing") {
    for (const framed_dialogue& how : framed_dialogues) {
        std::uint64_t seed = 0;
        on_each_backend([&] { return shared_dialogue(how, ++seed); }, 4);
    }
}

TEST_CASE("a shared payload is in the queue of each channel that sends it, and in memory once") {
    on_each_backend(
        []() -> task<> {
            const bool is_simulated = loop::current().backend().kind() == backend_kind::simulated;
            const std::string text(is_simulated ? 200'000 : 6 << 20, 'x');  // more than the kernel's buffers hold
            const framing described = *framing::parse("len32,max=16MiB");
            const shared_payload news(text);
            std::vector<std::pair<channel, channel>> all;
            for (int i = 0; i < 3; ++i) all.push_back(co_await connected(described));
            for (auto& each : all) co_await each.first.send(news);
            for (const auto& each : all) CHECK(each.first.queued_bytes() == text.size() + 4);
            if (!this_backend->transforms() && !is_simulated) CHECK(references(news) == 4);
            co_await sleep(5ms);
            for (const auto& each : all) {
                CHECK(each.first.queued_bytes() != 0);
                CHECK(each.first.held_bytes() >= text.size());  // each channel counts the whole payload
            }
            for (auto& each : all) {
                auto got = co_await each.second.receive();
                REQUIRE(got);
                CHECK((got->text() == text));
            }
            for (auto& each : all) {
                auto flushed = co_await each.first.flush();
                CHECK(flushed);
                CHECK(each.first.queued_bytes() == 0);
            }
            CHECK(references(news) == 1);
        },
        3);
}

TEST_CASE("a send of a shared payload waits at the high-water mark, and sends nothing if it is cancelled") {
    on_each_backend(
        []() -> task<> {
            channel_limits small;
            small.high_water_bytes = 1;
            small.low_water_bytes = 0;
            const bool is_simulated = loop::current().backend().kind() == backend_kind::simulated;
            const std::string text(is_simulated ? 200'000 : 6 << 20, 'x');
            auto [served, client] = co_await connected(*framing::parse("len32,max=16MiB"), small);
            const shared_payload news(text);
            co_await served.send(news);
            auto sends_again = [](channel& to, const shared_payload& what) -> task<result<void>> {
                co_return co_await to.send(what);
            };
            auto late = co_await with_deadline(sends_again(served, news), loop::current().now() + 5ms);
            CHECK(late == errc::timed_out);
            auto got = co_await client.receive();
            REQUIRE(got);
            co_await served.flush();
            CHECK(served.stats().messages_sent == 1);
            served.abort();
            auto refused = co_await served.send(news);
            CHECK(refused == errc::cancelled);
            CHECK(references(news) == 1);
        },
        3);
}

TEST_CASE("no reference to the payload is left after an abort or a detach, and a detach returns the unsent bytes") {
    on_each_backend(
        []() -> task<> {
            const bool is_simulated = loop::current().backend().kind() == backend_kind::simulated;
            const std::string text(is_simulated ? 200'000 : 6 << 20, 'x');
            const framing described = *framing::parse("len32,max=16MiB");
            const shared_payload news(text);
            {
                auto [served, client] = co_await connected(described);
                co_await served.send(news);
                served.abort();
                CHECK(references(news) == 1);
            }
            {
                auto [served, client] = co_await connected(described);
                co_await served.send(news);
                co_await sleep(2ms);
                served.abort();
                for (int i = 0; i < 100 && references(news) != 1; ++i) co_await sleep(1ms);  // io_uring ends its send
                CHECK(references(news) == 1);
            }
            channel_limits roomy;
            roomy.high_water_bytes = 16 << 20;
            auto [served, client] = co_await connected(described, roomy);
            co_await served.send(news);
            co_await sleep(2ms);
            co_await served.send(news);
            task<result<detached_stream>> leaving = served.detach_stream();
            auto given = co_await std::move(leaving);
            REQUIRE(given);
            if (this_backend->by != transform::toy) CHECK(given->unsent.size() > text.size());
            CHECK(references(news) == 1);
            channel again = adopt_stream(std::move(*given), described);
            for (int i = 0; i < 2; ++i) {
                auto got = co_await client.receive();
                REQUIRE(got);
                CHECK((got->text() == text));
            }
        },
        3);
}

TEST_CASE("a framing that cannot encode a shared payload refuses it, and the channel continues") {
    on_each_backend(
        []() -> task<> {
            auto [served, client] = co_await connected(*framing::parse("lines,max=8KiB"));
            for (int i = 0; i < 2; ++i) {  // the payload may keep the result of the first send
                auto refused = co_await served.send(shared_payload(std::string(least, '\n')));
                CHECK(refused == errc::unencodable);
                auto large = co_await served.send(shared_payload(std::string(8193, 'x')));
                CHECK(large == errc::too_large);
            }
            const shared_payload several(std::string(least, '\n'));
            auto first = co_await served.send(several);
            auto second = co_await served.send(several);
            REQUIRE(!first);
            REQUIRE(!second);
            CHECK(first.error().message() == second.error().message());
            CHECK(served.queued_bytes() == 0);
            co_await served.send(shared_payload(bytes_view("one")));
            auto got = co_await client.receive();
            REQUIRE(got);
            CHECK(got->text() == "one");
        },
        2);
}

TEST_CASE("a payload is sent in more framings than it can keep encoded forms for") {
    on_each_backend(
        []() -> task<> {
            const std::string text = payload_of(1, 2 * least);
            const shared_payload news(text);
            auto [served, client] = co_await connected(framing::len32());
            for (std::size_t i = 0; i < shared_payload::most_framings + 3; ++i) {
                const framing next = framing::len32().max(100'000 + i);
                REQUIRE(served.switch_framing(next));
                REQUIRE(client.switch_framing(next));
                co_await served.send(news);
                auto got = co_await client.receive();
                REQUIRE(got);
                CHECK((got->text() == text));
            }
        },
        2);
}

TEST_CASE("loops on several threads send the same payload at once") {
    const std::string text = payload_of(7, 300'000);
    const shared_payload news(text);
    std::vector<std::thread> all;
    for (int i = 0; i < 4; ++i) {
        all.emplace_back([&, i] {
            run([](const shared_payload& what, const std::string& expected, int number) -> task<> {
                auto [one, other] = stream_pair();
                channel sends(std::move(one), framing::len32().max(1'000'000 + static_cast<std::uint64_t>(number % 2)));
                channel receives(std::move(other), framing::len32());
                for (int round = 0; round < 20; ++round) {
                    co_await sends.send(what);
                    auto got = co_await receives.receive();
                    REQUIRE(got);
                    CHECK((got->text() == expected));
                }
            }(news, text, i));
        });
    }
    for (auto& one : all) one.join();
    CHECK(references(news) == 1);
}

TEST_CASE("a loop that is destroyed releases the shared payloads that were not sent") {
    for (const auto& where : tested_backends) {
        CAPTURE(std::string(where.name));
        this_backend = &where;
        const shared_payload news(std::string(6 << 20, 'x'));
        {
            loop here(where.make(1));
            auto sends = [](const shared_payload& what) -> task<> {
                channel_limits roomy;
                roomy.high_water_bytes = 64 << 20;
                auto [served, client] = co_await connected(*framing::parse("len32,max=16MiB"), roomy);
                co_await served.send(what);
                co_await sleep(1ms);
                co_await served.send(what);  // queued behind the send in progress
            };
            started<void> one(here, sends(news));
            while (!one.has_ended()) here.run_once(here.now() + 1s);
            here.run_once(here.now());
        }
        CHECK(references(news) == 1);
    }
}

TEST_CASE("a waiting send sends the payload that was passed to it, even if the variable is assigned meanwhile") {
    on_each_backend(
        []() -> task<> {
            channel_limits small;
            small.high_water_bytes = 1;
            small.low_water_bytes = 0;
            auto [served, client] = co_await connected(framing::len32(), small);
            shared_payload latest(std::string(9000, '1'));
            auto talks = [](scope& all, channel& to, channel& from, shared_payload& last) -> task<> {
                auto sends = [](channel& by, const shared_payload& what) -> task<> { co_await by.send(what); };
                all.spawn(sends(to, last));
                all.spawn(sends(to, last));
                co_await sleep(1ms);
                last = shared_payload(bytes_view("3"));
                all.spawn(sends(to, last));
                for (const char* const first : {"1", "1", "3"}) {
                    auto got = co_await from.receive();
                    REQUIRE(got);
                    CHECK(got->text().substr(0, 1) == first);
                }
            };
            auto done = co_await in_scope(+talks, std::ref(served), std::ref(client), std::ref(latest));
            CHECK(done);
        },
        3);
}

TEST_CASE("small payloads in moved buffers are copied, so that the queue does not hold their large buffers") {
    on_each_kernel_backend([]() -> task<> {
        auto [served, client] = co_await connected(framing::len32());
        co_await served.send(shared_payload(std::string(least, 'x')));
        for (int i = 0; i < 100; ++i) {
            buffer roomy;
            static_cast<void>(roomy.prepare(100'000));
            roomy.append("y");
            co_await served.send(std::move(roomy));
        }
        CHECK(served.queued_bytes() == least + 4 + 100 * 5);
        CHECK(served.held_bytes() < 4 * least);
        for (int i = 0; i < 101; ++i) {
            auto got = co_await client.receive();
            REQUIRE(got);
            CHECK(got->size() == (i == 0 ? least : 1));
        }
    });
}

namespace {

// A format whose header is the size in five digits. Counts its existing objects.
class counted_format final : public format {
public:
    counted_format() { ++living; }
    ~counted_format() override { --living; }
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        const std::string_view seen = frame.content.text();
        if (seen.size() < 5) return verdict::more(5);
        looked += 5;
        return verdict::frame(5, std::stoull(std::string(seen.substr(0, 5))), 0);
    }
    void put_header(std::uint64_t size, buffer& out) const override {
        out.append(std::to_string(100'000 + size).substr(1));
    }

    static inline int living = 0;
};

}  // namespace

TEST_CASE("a payload does not keep the custom framing of a connection that has ended") {
    const shared_payload news(std::string(2 * least, 'x'));
    on_each_backend(
        [&] {
            return [](const shared_payload& what) -> task<> {
                auto [served, client] =
                    co_await connected(framing::custom("counted", std::make_shared<counted_format>()));
                co_await served.send(what);
                auto got = co_await client.receive();
                REQUIRE(got);
                CHECK((got->view() == what.view()));
            }(news);
        },
        2);
    CHECK(counted_format::living == 0);
    CHECK(references(news) == 1);
}
