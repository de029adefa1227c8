// A blocking channel sends and receives whole messages over real sockets, and returns every close reason.
#include "weir/stream/blocking_channel.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "weir/base/internal/random.h"
#include "weir/socket/clock.h"
#include "weir/socket/connect_to.h"
#include "weir/socket/listen_on.h"
#include "weir/socket/option.h"

using namespace std::chrono_literals;
using weir::blocking_channel;
using weir::bytes;
using weir::errc;
using weir::framing;

namespace {

struct pair {
    blocking_channel here;
    weir::socket there;
};

// Returns a connected blocking channel, and the plain socket at its other end.
pair connected(const framing& described, std::string_view where = "127.0.0.1:0") {
    auto listener = weir::listen_on(where);
    REQUIRE(listener);
    auto there = weir::connect_to(listener->local_address()->to_string(), weir::within(5s));
    REQUIRE(there);
    auto here = listener->accept(weir::within(5s));
    REQUIRE(here);
    return {blocking_channel(std::move(here->connection), described), *std::move(there)};
}

}  // namespace

TEST_CASE("with the longest possible gap only the end of the stream ends a message") {
    auto [here, there] = connected(framing::idle(weir::duration::max()));
    REQUIRE(there.send_all("abc"));
    CHECK(here.receive(weir::within(20ms)) == errc::timed_out);
    REQUIRE(there.send_all("def"));
    REQUIRE(there.shutdown(weir::half::send));
    auto message = here.receive(weir::within(5s));
    REQUIRE(message);
    CHECK(message->text() == "abcdef");
}

TEST_CASE("messages arrive whole, however the bytes were sent") {
    for (const char* const where : {"127.0.0.1:0", "[::1]:0", "unix:@weir-blocking-channel-test"}) {
        auto [here, there] = connected(framing::lines(), where);
        REQUIRE(there.send_all("on"));
        REQUIRE(there.send_all("e\ntwo\n\nth"));
        REQUIRE(there.send_all("ree\r\n"));
        for (const char* const expected : {"one", "two", "", "three"}) {
            auto message = here.receive(weir::within(5s));
            REQUIRE(message);
            CHECK(message->text() == expected);
            CHECK(message->is_whole());
            CHECK(message->own() == expected);
        }
        CHECK(here.close_reason() == errc::none);
        REQUIRE(there.close());
        CHECK(here.receive(weir::within(5s)) == errc::closed);
        CHECK(here.close_reason() == errc::closed);
        CHECK(here.receive() == errc::closed);
        CHECK(here.messages_received() == 4);
    }
}

TEST_CASE("each message is sent as one frame") {
    auto [here, there] = connected(framing::len16());
    REQUIRE(here.send("abc"));
    REQUIRE(here.send(""));
    CHECK(here.messages_sent() == 2);
    REQUIRE(here.shutdown_send());
    bytes came;
    for (;;) {
        auto some = there.receive(100, weir::within(5s));
        REQUIRE(some);
        if (some->empty()) break;
        came.append(*some);
    }
    CHECK(came == std::string_view("\0\3abc\0\0", 7));
    CHECK(here.send("late") == errc::broken_pipe);
    REQUIRE(there.send_all(std::string_view("\0\2hi", 4)));
    CHECK(here.receive(weir::within(5s))->text() == "hi");
}

TEST_CASE("a payload that the framing cannot encode is refused, and the channel stays usable") {
    auto [here, there] = connected(framing::lines().max(3));
    CHECK(here.send("a\nb") == errc::unencodable);
    CHECK(here.send("abcd") == errc::too_large);
    REQUIRE(here.send("abc"));
    CHECK(*there.receive(10, weir::within(5s)) == "abc\n");
}

TEST_CASE("each close reason has its code, and later calls repeat it") {
    const auto ending_after = [](const framing& described, std::string_view sent) {
        auto [here, there] = connected(described);
        REQUIRE(there.send_all(sent));
        REQUIRE(there.close());
        while (here.receive(weir::within(5s))) {
        }
        CHECK(here.receive() == here.close_reason().code());
        CHECK(here.close_reason().subject() == here.peer().to_string());
        return here.close_reason();
    };
    CHECK(ending_after(framing::lines(), "a\n") == errc::closed);
    CHECK(ending_after(framing::lines(), "a\nb") == errc::truncated);
    CHECK(ending_after(framing::lines().max(1), "bb\n") == errc::too_large);
    CHECK(ending_after(framing::lines(), "bb\r\r\n") == errc::malformed);
    const auto http = ending_after(framing::len32(), "GET / HTTP/1.1\r\n");
    CHECK(http == errc::too_large);
    CHECK(http.message().find(
              "a message of 1195725856 bytes is over the limit of 1 MiB (this looks like an HTTP request)") !=
          std::string::npos);
}

TEST_CASE("a reset is not an end of stream, but messages that arrived before it are delivered") {
    auto [here, there] = connected(framing::lines());
    REQUIRE(here.send("unread, so that closing resets"));
    REQUIRE(there.send_all("a\n"));
    REQUIRE(here.receive(weir::within(5s)));
    REQUIRE(there.close());
    CHECK(here.receive(weir::within(5s)) == errc::reset);
    CHECK(here.close_reason() == errc::reset);
}

TEST_CASE("after a send returned a reset, a receive does not report an end of stream") {
    auto [here, there] = connected(framing::lines());
    REQUIRE(here.send("unread, so that closing resets"));
    REQUIRE(there.send_all("last words\n"));
    REQUIRE(there.close());
    while (here.send("x")) {
    }
    CHECK(here.send("x") == errc::reset);
    CHECK(here.receive(weir::within(5s))->text() == "last words");
    CHECK(here.receive(weir::within(5s)) == errc::reset);
    CHECK(here.close_reason() == errc::reset);
}

TEST_CASE("a deadline ends a receive, but not the channel") {
    auto [here, there] = connected(framing::lines());
    REQUIRE(there.send_all("hal"));
    CHECK(here.receive(weir::within(20ms)) == errc::timed_out);
    CHECK(here.close_reason() == errc::none);
    REQUIRE(there.send_all("f\n"));
    CHECK(here.receive(weir::within(5s))->text() == "half");
}

TEST_CASE("a send that times out before its first byte can be repeated; after a part was sent, the channel fails") {
    auto [here, there] = connected(framing::len32().max(64 << 20));
    REQUIRE(here.connection().set(weir::option::send_buffer_bytes, 8192));
    const std::string large(16 << 20, 'x');
    const auto partial = here.send(large, weir::within(50ms));
    REQUIRE(partial == errc::timed_out);
    CHECK(partial.error().message().find(" of 16777220 bytes of a message") != std::string::npos);
    CHECK(here.send("more") == errc::timed_out);
    CHECK(here.messages_sent() == 0);

    auto [full, reader] = connected(framing::len32());
    while (full.connection().send(std::string(4096, '.'), weir::within(10ms))) {
    }
    CHECK(full.send("late", weir::within(10ms)) == errc::timed_out);
    bytes drained;
    while (auto some = reader.receive(1 << 20, weir::within(50ms))) drained.append(*some);
    CHECK(full.send("late", weir::within(5s)));
}

TEST_CASE("oversize messages are skipped and counted, or returned in pieces") {
    auto [skipping, first] = connected(framing::len8().max(3).oversize(framing::skip));
    REQUIRE(first.send_all("\1a\5abcde\1b"));
    CHECK(skipping.receive(weir::within(5s))->text() == "a");
    CHECK(skipping.receive(weir::within(5s))->text() == "b");
    CHECK(skipping.messages_skipped() == 1);

    auto [streaming, second] = connected(framing::len8().max(3).oversize(framing::stream));
    REQUIRE(second.send_all("\1a\5abcde\1b"));
    CHECK(streaming.receive(weir::within(5s))->text() == "a");
    std::string joined;
    for (bool last = false; !last;) {
        auto piece = streaming.receive(weir::within(5s));
        REQUIRE(piece);
        CHECK_FALSE(piece->is_whole());
        joined += piece->text();
        last = piece->is_last_piece();
    }
    CHECK(joined == "abcde");
    CHECK(streaming.receive(weir::within(5s))->text() == "b");
    CHECK(streaming.messages_received() == 3);
}

TEST_CASE("with the framing idle a gap ends a message, and a deadline before the gap does not") {
    auto [here, there] = connected(framing::idle(1s));  // so long that "cd" arrives in time on a busy machine
    REQUIRE(there.send_all("ab"));
    CHECK(here.receive(weir::within(10ms)) == errc::timed_out);
    REQUIRE(there.send_all("cd"));
    CHECK(here.receive(weir::within(5s))->text() == "abcd");
    CHECK(here.receive(weir::within(50ms)) == errc::timed_out);
    REQUIRE(there.send_all("e"));
    REQUIRE(there.close());
    CHECK(here.receive(weir::within(5s))->text() == "e");
    CHECK(here.receive(weir::within(5s)) == errc::closed);
}

TEST_CASE("with the framing idle a gap ends a message also if deadlines are short, and also a skipped message") {
    auto [here, there] = connected(framing::idle(30ms).max(4).oversize(framing::skip));
    const auto poll = [&] {
        for (int i = 0; i < 1000; ++i) {
            auto message = here.receive(weir::within(3ms));
            if (!(message == errc::timed_out)) return message;
        }
        return here.receive(weir::within(0s));
    };
    REQUIRE(there.send_all("ab"));
    CHECK(poll()->text() == "ab");
    REQUIRE(there.send_all("abcdefgh"));
    while (here.messages_skipped() == 0) REQUIRE(here.receive(weir::within(3ms)) == errc::timed_out);
    REQUIRE(there.send_all("xy"));
    CHECK(poll()->text() == "xy");
}

TEST_CASE("a send that makes progress is not stalled, however long it takes") {
    auto [here, there] = connected(framing::len32().max(64 << 20));
    REQUIRE(here.connection().set(weir::option::send_buffer_bytes, 65536));
    REQUIRE(there.set(weir::option::receive_buffer_bytes, 65536));
    here.limit_stall(2s);
    std::thread reader([&peer = there] {
        bytes part(256 * 1024);
        for (int i = 0; i < 30; ++i) {
            std::this_thread::sleep_for(80ms);
            for (std::size_t had = 0; had < part.size();) {
                const auto came = peer.receive(std::span(part.data() + had, part.size() - had), weir::within(5s));
                REQUIRE(came);
                had += *came;
            }
        }
    });
    const auto begin = weir::now();
    const bytes message(30 * 256 * 1024 - 4);
    CHECK(here.send(message));
    CHECK(weir::now() - begin > 2s);
    reader.join();
    const bytes unread(32 << 20);
    CHECK(here.send(unread) == errc::timed_out);
}

TEST_CASE("a send is not stalled while the peer reads, even if the kernel accepts no bytes for a while") {
    auto [here, there] = connected(framing::len32().max(64 << 20));
    here.limit_stall(2s);
    std::thread reader([&peer = there] {
        bytes part(12'000);
        const auto begin = weir::now();
        while (weir::now() - begin < 5s) {  // the kernel accepts more when a third of its buffer is free
            REQUIRE(peer.receive(std::span(part), weir::within(5s)));
            std::this_thread::sleep_for(40ms);
        }
        part.resize(1 << 20);
        for (std::size_t came = 1; came != 0;) {
            const auto more = peer.receive(std::span(part), weir::within(5s));
            REQUIRE(more);
            came = *more;
        }
    });
    CHECK(here.send(bytes(16 << 20)));
    CHECK(here.shutdown_send());
    reader.join();
}

TEST_CASE("a paced channel waits before it sends, and a deadline ends the wait") {
    auto [here, there] = connected(framing::lines());
    here.pace(20ms);
    const auto begin = weir::now();
    for (int i = 0; i < 5; ++i) REQUIRE(here.send("tick"));
    CHECK(weir::now() - begin >= 80ms);
    here.pace(1h);
    REQUIRE(here.send("tick"));  // the earlier pace determines when this message is sent
    CHECK(here.send("late", weir::within(10ms)) == errc::timed_out);
    here.pace(weir::duration());
    CHECK(here.send("now"));
    weir::blocking_channel peer(std::move(there), framing::lines());
    for (int i = 0; i < 6; ++i) CHECK(peer.receive(weir::within(5s))->text() == "tick");
    CHECK(peer.receive(weir::within(5s))->text() == "now");  // "late" was not sent
}

TEST_CASE("a channel that waits releases the memory of a large message") {
    auto [here, there] = connected(framing::len32());
    weir::blocking_channel peer(std::move(there), framing::len32());
    const bytes large(1 << 20);
    std::thread sender([&] { REQUIRE(peer.send(large)); });
    REQUIRE(here.receive(weir::within(5s)));
    sender.join();
    CHECK(here.held_bytes() > large.size());
    CHECK(here.receive(weir::within(1ms)) == errc::timed_out);
    CHECK(here.held_bytes() <= 2 * blocking_channel::kept_bytes + blocking_channel::receive_bytes);
    CHECK(peer.held_bytes() <= blocking_channel::kept_bytes);
}

TEST_CASE("the last reply arrives after a close, although input is unread") {
    auto [here, there] = connected(framing::lines());
    REQUIRE(there.send_all("one\ntwo, never read\n"));
    REQUIRE(here.receive(weir::within(5s)));
    REQUIRE(here.send("last words"));
    std::thread closing([&here_ = here] { CHECK(here_.close(2s)); });
    bytes came;
    for (;;) {
        auto some = there.receive(100, weir::within(5s));
        REQUIRE(some);
        if (some->empty()) break;
        came.append(*some);
    }
    CHECK(came == "last words\n");
    REQUIRE(there.close());
    closing.join();
    CHECK(here.close_reason() == errc::cancelled);
    CHECK(here.send("x") == errc::cancelled);
    CHECK(here.close());
}

TEST_CASE("a close ends after its time limit if the peer never closes") {
    auto [here, there] = connected(framing::lines());
    const auto before = weir::now();
    REQUIRE(here.close(30ms));
    CHECK(weir::now() - before >= 30ms);
}

TEST_CASE("one thread sends while another receives") {
    auto [here, there] = connected(framing::len32());
    blocking_channel peer(std::move(there), framing::len32());
    constexpr int count = 2000;
    std::thread echo([&] {
        while (auto message = peer.receive()) {
            if (!peer.send(*message)) break;
        }
        static_cast<void>(peer.close());
    });
    std::thread sender([&here_ = here] {
        weir::internal::random_source draw(1);
        for (int i = 0; i < count; ++i)
            REQUIRE(here_.send(std::string(draw.below(3000), static_cast<char>('a' + i % 26))));
        REQUIRE(here_.shutdown_send());
    });
    weir::internal::random_source draw(1);
    for (int i = 0; i < count; ++i) {
        auto message = here.receive(weir::within(10s));
        REQUIRE(message);
        REQUIRE(message->text() == std::string(draw.below(3000), static_cast<char>('a' + i % 26)));
    }
    CHECK(here.receive(weir::within(5s)) == errc::closed);
    sender.join();
    echo.join();
}

TEST_CASE("a message that is used too late fails a check, also after its channel was destroyed or replaced") {
    enum class then { next_receive, gone, assigned };
    const auto aborts = [](then what) {
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGABRT, SIG_DFL);
            close(STDERR_FILENO);
            auto ends = weir::socket_pair();
            static_cast<void>(ends->second.send_all("a\nb\n"));
            auto channel = std::make_unique<blocking_channel>(std::move(ends->first), framing::lines());
            auto first = channel->receive();
            auto other = weir::socket_pair();
            if (what == then::gone) {
                channel.reset();
            } else if (what == then::assigned) {
                *channel = blocking_channel(std::move(other->first), framing::lines());
            } else {
                static_cast<void>(channel->receive());
            }
            static_cast<void>(first->text());
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    };
    CHECK(aborts(then::next_receive));
    CHECK(aborts(then::gone));
    CHECK(aborts(then::assigned));
}

TEST_CASE("a blocking channel works with a custom framing") {
    class until_bar final : public weir::format {
        weir::verdict measure(const weir::frame_bytes& frame, std::uint64_t&) const override {
            const auto bar = frame.content.text().find('|', frame.searched);
            if (bar == std::string_view::npos) return weir::verdict::more(frame.content.size() + 1);
            return weir::verdict::frame(0, bar, 1);
        }
        bool searches() const noexcept override { return true; }
        void put_header(std::uint64_t, weir::buffer&) const override {}
        void put_trailer(weir::bytes_view, weir::bytes_view, weir::buffer& out) const override { out.append("|"); }
    };
    const framing mine = framing::custom("until-bar", std::make_shared<until_bar>());
    auto ends = weir::socket_pair();
    blocking_channel here(std::move(ends->first), mine);
    blocking_channel there(std::move(ends->second), mine);
    REQUIRE(here.send("one"));
    REQUIRE(here.send("two"));
    REQUIRE(here.shutdown_send());
    CHECK(there.receive()->text() == "one");
    CHECK(there.receive()->text() == "two");
    CHECK(there.receive() == errc::closed);
}
