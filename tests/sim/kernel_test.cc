// Compares the simulated network with the kernel. Random scripts of calls on the two ends of a connection run on both
// networks, and the results and completions must be the same.
#include <doctest/doctest.h>

#include "recorders.h"
#include "weir/base/error.h"
#include "weir/coroutine/run.h"
#include "weir/kernel/open_backend.h"
#include "weir/loop/loop.h"

using namespace std::chrono_literals;
using weir::choices;

namespace {

enum class call : unsigned char { send, receive, shut, close, reset };
struct step {
    bool by_server;
    call what;
};

std::string say(const weir::outcome& how) {
    std::string text(to_string(how.code));
    text.append("/").append(std::to_string(how.system_code));
    return text;
}

// Returns what an end has received since the last call, and its completions.
std::string news(weir_test::talker& one) {
    std::string text;
    if (!one.came.empty()) text.append(" got ").append(one.came);
    one.came.clear();
    if (one.ended) text.append(" ended ").append(say(*one.ended));
    if (one.send_ended) text.append(" sent ").append(say(*one.send_ended));
    return text;
}

// Waits until the last calls have taken effect.
void settle(weir::backend& net, weir::duration patience) {
    for (int i = 0; i < 3; ++i) net.wait(net.now() + patience);
}

void take(weir_test::talker& one, call what, int number) {
    switch (what) {
        case call::send:
            if (!one.is_sending && !(one.send_ended && !one.send_ended->good()))
                one.send(std::to_string(1000 + number));
            break;
        case call::receive: one.receive(); break;
        case call::shut:
            if (!one.is_sending) one.came.append("shut: ").append(say(*one.stream->shutdown_send()));
            break;
        case call::close:
        case call::reset: one.close(what == call::reset); break;
    }
}

std::string run(weir::backend& net, const std::string& where, const std::vector<step>& script,
                weir::duration patience = 100us) {
    weir_test::dialogue both(net, where);
    std::string transcript;
    int number = 0;
    for (const step& one : script) {
        auto& end = one.by_server ? both.server : both.client;
        if (end.stream == nullptr) continue;
        take(end, one.what, number++);
        settle(net, patience);
        transcript.append(one.by_server ? "server " : "client ").append(1, "srxcR"[static_cast<int>(one.what)]);
        transcript.append(": |client")
            .append(news(both.client))
            .append(" |server")
            .append(news(both.server))
            .append("\n");
    }
    return transcript;
}

std::vector<step> drawn(choices& draw, std::size_t length) {
    std::vector<step> script(length);
    for (step& one : script) {
        one.by_server = draw.flip();
        // A close ends the dialogue, so it is drawn less often.
        const auto number = draw.below(20);
        one.what = number < 7    ? call::send
                   : number < 14 ? call::receive
                   : number < 16 ? call::shut
                   : number < 19 ? call::close
                                 : call::reset;
    }
    return script;
}

// Runs a script in which the connection is accepted only after the calls of the client, or the listener closes instead.
std::string run_before_accept(weir::backend& net, const std::string& where, const std::vector<step>& script,
                              bool is_accepted, weir::duration patience = 100us) {
    auto listening = net.listen(where, {});
    REQUIRE(listening);
    weir_test::doorman door;
    door.take(std::move(*listening));
    weir_test::caller calling;
    auto begun = net.connect(door.door->local_address(), calling);
    REQUIRE(begun);
    calling.on_its_way = std::move(*begun);
    while (calling.completions == 0) net.wait({});
    weir_test::talker client(std::move(calling.stream));
    std::string transcript;
    int number = 0;
    for (const step& one : script) {
        if (client.stream == nullptr) break;
        take(client, one.what, number++);
        settle(net, patience);
    }
    if (is_accepted) {
        door.ask();
        settle(net, patience);
        REQUIRE(door.came.size() == 1);
        transcript.append("accept ").append(say(door.came[0].how)).append("; ");
        weir_test::talker server(std::move(door.came[0].connection));
        for (int i = 0; i < 3; ++i) {
            server.receive();
            settle(net, patience);
            transcript.append(news(server)).append("; ");
        }
        server.send("x");
        settle(net, patience);
        transcript.append(news(server)).append("; ").append(news(client));
        return transcript;
    }
    door.door.reset();
    settle(net, patience);
    if (client.stream != nullptr) {
        client.receive();
        settle(net, patience);
    }
    return transcript.append(news(client));
}

// Returns the result of a connect, whether the call or a later completion reports it.
std::string answer(weir::backend& net, const weir::address& where) {
    weir_test::caller one;
    auto begun = net.connect(where, one);
    if (!begun) return say({begun.error().code(), begun.error().system_code()});
    one.on_its_way = std::move(*begun);
    while (one.completions == 0) net.wait({});
    return say(one.how);
}

// Runs `judge` on both backends of the kernel.
template <class Judge>
void by_each(Judge judge) {
    for (const auto which : {weir::backend_kind::epoll, weir::backend_kind::io_uring}) {
        CAPTURE(to_string(which));
        auto real = weir::open_backend(which);
        REQUIRE(real);
        judge(**real);
    }
}

void compare(weir::backend& real, const std::string& where) {
    choices draw = choices::random(20'26);
    for (int round = 0; round < 600; ++round) {
        const auto script = drawn(draw, 4 + static_cast<std::size_t>(draw.below(6)));
        weir::sim::network simulated(choices::replay({}), weir_test::without_delays());
        const std::string answered = run(simulated, where, script);
        std::string expected = run(real, where, script);
        // On a busy machine calls may take effect later. Try again with longer waits.
        if (expected != answered) expected = run(real, where, script, 20ms);
        CAPTURE(round);
        REQUIRE(answered == expected);
    }
}

}  // namespace

TEST_CASE("random calls on two ends of a TCP connection have the same results as on Linux") {
    by_each([](weir::backend& real) {
        compare(real, "127.0.0.1:0");
        compare(real, "[::1]:0");
    });
}

TEST_CASE("random calls on two ends of a Unix stream have the same results as on Linux") {
    by_each([](weir::backend& real) { compare(real, "unix:"); });
}

TEST_CASE("calls on a connection before it is accepted have the same results as on Linux") {
    by_each([](weir::backend& real) {
        for (const char* const where : {"127.0.0.1:0", "[::1]:0", "unix:"}) {
            choices draw = choices::random(11);
            CAPTURE(where);
            for (int round = 0; round < 150; ++round) {
                CAPTURE(round);
                const auto script = drawn(draw, static_cast<std::size_t>(draw.below(4)));
                const bool is_accepted = draw.below(4) != 3;
                weir::sim::network simulated(choices::replay({}), weir_test::without_delays());
                const std::string answered = run_before_accept(simulated, where, script, is_accepted);
                std::string expected = run_before_accept(real, where, script, is_accepted);
                if (expected != answered) expected = run_before_accept(real, where, script, is_accepted, 20ms);
                REQUIRE(answered == expected);
            }
        }
    });
}

TEST_CASE("a missing listener is reported with the error numbers of Linux") {
    by_each([](weir::backend& real) {
        weir::sim::network simulated(choices::replay({}));
        auto taken = real.listen("127.0.0.1:0", {});
        REQUIRE(taken);
        const weir::address once = (*taken)->local_address();
        taken->reset();
        for (const auto& where :
             {once, *weir::address::parse("unix:@weir-no-listener"), *weir::address::parse("unix:/nowhere/at/all"),
              weir::address(), weir::address::local_unnamed()}) {
            CAPTURE(where.to_string());
            CHECK(answer(simulated, where) == answer(real, where));
        }
    });
}
