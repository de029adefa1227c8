// Wrappers: protocol layers between a socket and the framing of its channel.
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// Reads a header like that of a proxy, "FROM 192.0.2.7:99\n". The bytes after it are for the next wrapper.
class from_proxy final : public wrapper {
public:
    explicit from_proxy(std::optional<duration> most = default_handshake_time) : most_(most) {}
    std::string_view name() const noexcept override { return "proxy"; }
    std::optional<duration> handshake_time() const noexcept override { return most_; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const override {
        handshake opening(std::move(below), 64);
        std::size_t end = std::string_view::npos;
        while ((end = opening.received().view().text().find('\n')) == std::string_view::npos) {
            if (auto more = co_await opening.receive_more(); !more) co_return more.error();
        }
        const std::string_view header = opening.received().view().text().substr(0, end);
        const auto from = address::parse(header.substr(std::min<std::size_t>(5, end)));
        if (!header.starts_with("FROM ") || !from) co_return error(errc::malformed, {}, {}, "no header of a proxy");
        peer.set_address(*from);
        peer.set("proxy.version", "1");
        opening.received().consume(end + 1);
        co_return opening.release();
    }

private:
    std::optional<duration> most_;
};

// The sending side of from_proxy.
class to_server final : public wrapper {
public:
    explicit to_server(std::string sends) : sends_(std::move(sends)) {}
    std::string_view name() const noexcept override { return "header"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override {
        handshake opening(std::move(below));
        if (auto sent = co_await opening.send(sends_); !sent) co_return sent.error();
        co_return opening.release();
    }

private:
    std::string sends_;
};

class throws final : public wrapper {
public:
    std::string_view name() const noexcept override { return "throws"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override {
        co_await sleep(1ms);
        if (below != nullptr) throw std::runtime_error("a wrapper's own");
        co_return below;
    }
};

class fixes_framing final : public wrapper {
public:
    std::string_view name() const noexcept override { return "messages"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override { co_return below; }
    std::optional<framing> fixed_framing(const framing& asked) const override {
        return framing::len16().max(asked.fields().max.value_or(1000));
    }
};

wrappers through(wrappers first, const wrappers& then = worn()) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
}
wrappers behind_proxy(duration most = wrapper::default_handshake_time) {
    return through({std::make_shared<from_proxy>(most)});
}
wrappers as_proxy(std::string sends = "FROM 192.0.2.7:99\n") {
    return through({std::make_shared<to_server>(std::move(sends))});
}

struct seen {
    std::vector<std::string> events;
    std::vector<std::string> handled;
};

server_options logged(seen& by, wrappers worn) {
    server_options how;
    how.wrappers = std::move(worn);
    how.log = [&by](const server_event& one) {
        if (one.what == server_event::kind::handshake_failed || one.what == server_event::kind::thrown)
            by.events.emplace_back(one.text);
    };
    return how;
}

task<> observe(channel client, seen& by) {
    while (auto message = co_await client.receive()) {
        std::string facts;
        for (const auto& [name, value] : client.peer().facts().all()) {
            if (!name.starts_with("tls.") || name == "tls.version")
                facts.append(" ").append(name).append("=").append(value);
        }
        by.handled.push_back(client.peer().to_string() + facts + " " + std::string(message->text()));
        co_await client.send(*message);
    }
}

// Serves while `client` runs, then stops.
using client_body = task<> (*)(server&, seen&);
task<> serve_while(server& one, seen& by, client_body client) {
    auto all = [](scope& children, server& serving, seen& saw, client_body runs) -> task<> {
        children.spawn(serving.run(&observe, std::ref(saw)));
        task<> running = runs(serving, saw);
        co_await std::move(running);
        serving.stop();
    };
    task<result<void>> whole = in_scope(+all, std::ref(one), std::ref(by), client);
    auto done = co_await std::move(whole);
    CHECK(done);
    CHECK(one.stats().handshaking == 0);
    CHECK(one.stats().open == 0);
}

task<> with_server(seen& by, server_options how, client_body client) {
    auto one = server::listen("127.0.0.1:0", framing::lines(), std::move(how));
    REQUIRE(one);
    task<> serving = serve_while(*one, by, client);
    co_await std::move(serving);
}

std::string where(const server& one) { return one.local_address().to_string(); }

task<result<channel>> connect_through(const server& to, wrappers worn, deadline until = {}) {
    return connect(where(to), std::move(worn), framing::lines(), {}, until);
}

// Connects, and expects an echo.
task<> expect_echo(const server& to, wrappers worn) {
    task<result<channel>> connecting = connect_through(to, std::move(worn));
    auto client = co_await std::move(connecting);
    REQUIRE_MESSAGE(client, (client ? "" : client.error().message()));
    co_await client->send("hello");
    auto reply = co_await client->receive();
    REQUIRE(reply);
    CHECK(reply->text() == "hello");
}

// Connects without wrappers. A receive on the channel ends when the server closes.
task<result<channel>> connect_plain(const server& to) { return connect(where(to), framing::lines()); }

task<> wait_for_handshakes(const server& one, std::uint64_t count) {
    for (int i = 0; i < 5000 && one.stats().handshaking != count; ++i) co_await sleep(1ms);
    REQUIRE(one.stats().handshaking == count);
}

}  // namespace

TEST_CASE("a connection goes through the wrappers in their order, and its handler can read the facts they set") {
    on_each_backend([]() -> task<> {
        seen saw;
        co_await with_server(saw, logged(saw, behind_proxy()),
                             [](server& one, seen&) -> task<> { co_await expect_echo(one, as_proxy()); });
        const std::string toy = this_backend->by == transform::none  ? ""
                                : this_backend->by == transform::toy ? " toy.version=1"
                                                                     : " tls.version=TLSv1.3";
        CHECK(saw.handled == std::vector<std::string>{"192.0.2.7:99 proxy.version=1" + toy + " hello"});
        CHECK(saw.events.empty());
    });
}

TEST_CASE("bytes that arrive with the end of a handshake are the first messages, also after a detach") {
    on_each_backend([]() -> task<> {
        auto [first, second] = stream_pair();
        channel sender(std::move(first), framing::lines());
        co_await sender.send("FROM 192.0.2.7:99");
        co_await sender.send("one");
        co_await sender.send("two");
        co_await sender.flush();
        task<result<channel>> wrapping =
            adopt_stream(std::move(second), {std::make_shared<from_proxy>()}, framing::lines());
        auto served = co_await std::move(wrapping);
        REQUIRE(served);
        auto taken = co_await served->detach_stream();
        REQUIRE(taken);
        channel moved = adopt_stream(std::move(*taken), framing::lines());
        for (const char* const expected : {"one", "two"}) {
            auto got = co_await moved.receive();
            REQUIRE(got);
            CHECK(got->text() == expected);
        }
    });
}

TEST_CASE("a connection with unread bytes from the handshake can be detached with its socket") {
    on_each_kernel_backend([]() -> task<> {
        seen saw;
        auto pair = socket_pair(socket_type::stream);
        REQUIRE(pair);
        REQUIRE(pair->first.send("FROM 192.0.2.7:99\nunread\n"));
        task<result<channel>> wrapping =
            adopt(std::move(pair->second), {std::make_shared<from_proxy>()}, framing::lines());
        auto served = co_await std::move(wrapping);
        REQUIRE(served);
        auto given = co_await served->detach();
        REQUIRE(given);
        REQUIRE(pair->first.send("more\n"));
        auto moved = adopt(std::move(*given), framing::lines());
        REQUIRE(moved);
        for (const char* const expected : {"unread", "more"}) {
            auto got = co_await moved->receive();
            REQUIRE(got);
            CHECK(got->text() == expected);
        }
    });
}

TEST_CASE("a handshake that fails closes the connection, is logged and counted, and calls no handler") {
    on_each_backend([]() -> task<> {
        seen saw;
        server_options how = logged(saw, behind_proxy());
        how.limits.connections_of_a_source = 1;
        co_await with_server(saw, std::move(how), [](server& one, seen& by) -> task<> {
            for (int i = 0; i < 3; ++i) {
                task<result<channel>> connecting = connect_plain(one);
                auto client = co_await std::move(connecting);
                REQUIRE(client);
                co_await client->send("GET / HTTP/1.1");
                auto got = co_await client->receive();
                CHECK_FALSE(got);
                for (int turns = 0; turns < 5000 && by.events.size() == static_cast<std::size_t>(i); ++turns)
                    co_await sleep(1ms);
            }
            CHECK(one.stats().handshakes_failed == 3);
            co_await expect_echo(one, as_proxy());
        });
        CHECK(saw.handled.size() == 1);
        REQUIRE(saw.events.size() == 3);
        CHECK(saw.events[0].starts_with("proxy handshake "));
        CHECK(saw.events[0].ends_with(": no header of a proxy"));
    });
}

TEST_CASE("a handshake that takes too long is ended") {
    on_each_backend([]() -> task<> {
        seen saw;
        co_await with_server(saw, logged(saw, behind_proxy(50ms)), [](server& one, seen&) -> task<> {
            task<result<channel>> connecting = connect_plain(one);
            auto client = co_await std::move(connecting);
            REQUIRE(client);
            CHECK_FALSE(co_await client->receive());
        });
        CHECK(saw.handled.empty());
        REQUIRE(saw.events.size() == 1);
        CHECK(saw.events[0].ends_with(": timed out"));
    });
}

TEST_CASE("a handshake has a limit of bytes, and ends when the peer closes") {
    on_each_backend([]() -> task<> {
        seen saw;
        co_await with_server(saw, logged(saw, behind_proxy()), [](server& one, seen&) -> task<> {
            {
                const std::string line(65, 'x');  // without a line end; one read may return all bytes
                auto stream = connect(where(one), framing::fixed(65));
                auto client = co_await std::move(stream);
                REQUIRE(client);
                co_await client->send(line);
                CHECK_FALSE(co_await client->receive());
            }
            {
                task<result<channel>> connecting = connect_plain(one);
                auto client = co_await std::move(connecting);
                REQUIRE(client);
                client->shutdown_send();
                CHECK_FALSE(co_await client->receive());
            }
        });
        CHECK(saw.handled.empty());
        REQUIRE(saw.events.size() == 2);
        CHECK(saw.events[0].ends_with(": the handshake has more than 64 bytes"));
        CHECK(saw.events[1].ends_with(": the peer closed during the handshake"));
    });
}

TEST_CASE("a server that stops does not wait for handshakes") {
    on_each_backend([]() -> task<> {
        seen saw;
        co_await with_server(saw, logged(saw, behind_proxy()), [](server& one, seen&) -> task<> {
            task<result<channel>> connecting = connect_plain(one);
            auto client = co_await std::move(connecting);
            REQUIRE(client);
            co_await wait_for_handshakes(one, 1);
            const time_point before = loop::current().now();
            one.stop();
            while (one.stats().handshaking != 0) co_await sleep(1ms);
            CHECK(loop::current().now() - before < 5s);  // the limit of a handshake is 10 s
            CHECK(one.stats().handshakes_failed == 1);
        });
        REQUIRE(saw.events.size() == 1);
        CHECK(saw.events[0].ends_with(": cancelled"));
    });
}

TEST_CASE("connections in a handshake count towards the limit of connections") {
    on_each_backend([]() -> task<> {
        seen saw;
        server_options how = logged(saw, behind_proxy(200ms));
        how.limits.connections = 1;
        how.limits.connections_of_a_source = std::nullopt;
        co_await with_server(saw, std::move(how), [](server& one, seen&) -> task<> {
            task<result<channel>> connecting = connect_plain(one);
            auto silent = co_await std::move(connecting);
            REQUIRE(silent);
            co_await wait_for_handshakes(one, 1);
            co_await expect_echo(one, as_proxy());  // served after the silent client
            CHECK(one.stats().handshakes_failed == 1);
            CHECK(one.stats().pauses >= 1);
        });
        CHECK(saw.handled.size() == 1);
    });
}

TEST_CASE("a server that is destroyed closes its connections in a handshake") {
    on_each_backend([]() -> task<> {
        seen saw;
        auto opened = server::listen("127.0.0.1:0", framing::lines(), logged(saw, behind_proxy()));
        REQUIRE(opened);
        std::optional<server> one(std::move(*opened));
        std::optional<started<void>> serving;
        serving.emplace(loop::current(), one->run(&observe, std::ref(saw)));
        task<result<channel>> connecting = connect_plain(*one);
        auto client = co_await std::move(connecting);
        REQUIRE(client);
        co_await wait_for_handshakes(*one, 1);
        serving.reset();  // destroys the task while it waits
        CHECK(one->stats().handshaking == 1);
        one.reset();
        CHECK_FALSE(co_await client->receive());
    });
}

TEST_CASE("an exception of a wrapper is logged, and the server continues") {
    on_each_backend([]() -> task<> {
        seen saw;
        server_options how = logged(saw, wrappers(1, std::make_shared<throws>()));
        co_await with_server(saw, std::move(how), [](server& one, seen& by) -> task<> {
            task<result<channel>> connecting = connect_plain(one);
            auto client = co_await std::move(connecting);
            REQUIRE(client);
            CHECK_FALSE(co_await client->receive());
            CHECK(one.stats().handshakes_failed == 1);
            REQUIRE(by.events.size() == 1);
            CHECK(by.events[0].ends_with(": an exception: a wrapper's own"));
        });
    });
}

TEST_CASE("connecting through wrappers ends at its deadline, and the error names a wrapper that waits too long") {
    on_each_backend([]() -> task<> {
        auto listening = loop::current().backend().listen("127.0.0.1:0", {});
        REQUIRE(listening);
        const std::string there = (*listening)->local_address().to_string();
        {
            const deadline until = loop::current().now() + 50ms;
            task<result<channel>> connecting = connect(there, behind_proxy(), framing::lines(), {}, until);
            auto made = co_await std::move(connecting);
            CHECK(made == errc::timed_out);
        }
        {
            task<result<channel>> connecting = connect(there, behind_proxy(50ms), framing::lines());
            auto made = co_await std::move(connecting);
            REQUIRE(made == errc::timed_out);
            CHECK(made.error().message() == "proxy handshake with " + there + ": timed out");
        }
    });
}

TEST_CASE("a wrapper with its own messages fixes the framing, and keeps the requested limit") {
    on_each_backend([]() -> task<> {
        auto [first, second] = stream_pair();
        const wrappers worn{std::make_shared<fixes_framing>()};
        task<result<channel>> wrapping = adopt_stream(std::move(first), worn, framing::lines().max(77));
        auto one = co_await std::move(wrapping);
        REQUIRE(one);
        CHECK(one->described() == framing::len16().max(77));
        const auto refused = one->switch_framing(framing::lines());
        REQUIRE(refused == errc::unsupported);
        CHECK(refused.error().detail() == "a wrapper of this channel defines the messages itself");

        // The last wrapper that fixes a framing decides, even if a later wrapper does not fix one.
        auto [third, fourth] = stream_pair();
        const wrappers more = through(worn, {std::make_shared<to_server>("")});
        task<result<channel>> again = adopt_stream(std::move(third), more, framing::lines().max(77));
        auto other = co_await std::move(again);
        REQUIRE(other);
        CHECK(other->described() == framing::len16().max(77));
        CHECK(other->switch_framing(framing::lines()) == errc::unsupported);
    });
}

TEST_CASE("the handler of a Unix connection reads the credentials of its peer") {
    on_each_kernel_backend([]() -> task<> {
        auto pair = socket_pair(socket_type::stream);
        REQUIRE(pair);
        auto one = adopt(std::move(pair->first), framing::lines());
        REQUIRE(one);
        const auto peer = one->peer().credentials();
        REQUIRE(peer);
        CHECK(peer->process == ::getpid());
        CHECK(peer->user == ::getuid());
        one->abort();
        co_await sleep(1ms);
        CHECK(one->peer().credentials() == errc::cancelled);

        auto [served, client] = co_await connected();
        CHECK(served.peer().credentials() == errc::unsupported);
        CHECK(client.peer().facts().find("toy.version").has_value() == (this_backend->by == transform::toy));
        CHECK(client.peer().facts().find("tls.version").has_value() == (this_backend->by == transform::tls));
    });
}

TEST_CASE("setting a fact again replaces its value") {
    peer_facts facts;
    facts.set("a", "1");
    facts.set("b", "2");
    facts.set("a", "3");
    REQUIRE(facts.all().size() == 2);
    CHECK(facts.find("a") == "3");
    CHECK(facts.find("b") == "2");
    CHECK_FALSE(facts.find("c"));
}

TEST_CASE("the loops of a server share its wrappers") {
    on_each_kernel_backend([]() -> task<> {
        server_options how;
        how.wrappers = behind_proxy();
        auto opened = server_loops::listen("127.0.0.1:0", framing::lines(), std::vector<server_options>(3, how));
        REQUIRE(opened);
        auto all = [](scope& children, server_loops& serving) -> task<> {
            auto echo = [](channel client) -> task<> {
                while (auto message = co_await client.receive()) co_await client.send(*message);
            };
            children.spawn(serving.run(+echo));
            const std::string there = serving.local_address().to_string();
            for (int i = 0; i < 9; ++i) {
                task<result<channel>> connecting = connect(there, as_proxy(), framing::lines());
                auto client = co_await std::move(connecting);
                REQUIRE(client);
                co_await client->send("hello");
                auto reply = co_await client->receive();
                REQUIRE(reply);
                CHECK(reply->text() == "hello");
            }
            serving.stop();
        };
        task<result<void>> whole = in_scope(+all, std::ref(*opened));
        CHECK(co_await std::move(whole));
        const server_stats stats = opened->stats();
        CHECK(stats.accepted == 9);
        CHECK(stats.handshaking == 0);
        CHECK(stats.handshakes_failed == 0);
    });
}
