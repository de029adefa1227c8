// Time-outs: for one receive, for a whole exchange, and for the calls of a blocking channel.
#include <weir/weir.h>

#include <iostream>

using namespace std::chrono_literals;

weir::task<> answer_late(weir::channel client) {
    while (auto question = co_await client.receive()) {
        co_await weir::sleep(300ms);
        co_await client.send(*question);
    }
}

weir::task<weir::result<void>> ask_once(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines(), {}, weir::within(10s));
    if (!server) co_return server.error();
    if (auto sent = co_await server->send("hello"); !sent) co_return sent.error();
    auto answer = co_await server->receive(weir::within(30ms));
    if (answer == weir::errc::timed_out) {
        std::cout << "one receive, after 30 ms: timed out\n";
        answer = co_await server->receive(weir::within(10s));  // nothing was lost
    }
    if (!answer) co_return answer.error();
    std::cout << "the next receive: " << answer->text() << '\n';
    co_return weir::result<void>();
}

// No single call is late here, so the caller limits the time of the whole exchange.
weir::task<weir::result<void>> ask_three_times(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines(), {}, weir::within(10s));
    if (!server) co_return server.error();
    for (const auto* const question : {"one", "two", "three"}) {
        if (auto sent = co_await server->send(question); !sent) co_return sent.error();
        if (auto answer = co_await server->receive(weir::within(10s)); !answer) co_return answer.error();
    }
    co_return weir::result<void>();
}

// Blocking calls: each gets the same deadline, so this deadline limits all of them together.
weir::errc ask_blocking(const std::string& where, weir::deadline until) {
    auto connected = weir::connect_to(where, until);
    if (!connected) return connected.error().code();
    weir::blocking_channel server(std::move(*connected), weir::framing::lines());
    if (auto sent = server.send("hello", until); !sent) return sent.error().code();
    auto answer = server.receive(until);
    return answer ? weir::errc::none : answer.error().code();
}

weir::task<weir::result<void>> ask_all(weir::scope& children, weir::server& open) {
    children.spawn(open.run(answer_late));
    const std::string where = open.local_address().to_string();
    if (auto asked = co_await ask_once(where); !asked) co_return asked;
    auto whole = co_await weir::with_deadline(ask_three_times(where), weir::within(400ms));
    std::cout << "a whole exchange, after 400 ms: " << (whole ? "complete" : to_string(whole.error().code())) << '\n';
    const auto ask = [where] { return ask_blocking(where, weir::within(30ms)); };
    auto code = co_await weir::offload(ask);  // on a helper thread
    if (code) std::cout << "blocking calls, after 30 ms: " << to_string(*code) << '\n';
    open.stop();
    co_return weir::result<void>();
}

weir::task<int> timeouts() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    auto ended = co_await weir::in_scope(ask_all, std::ref(*opened));
    co_return ended ? 0 : ended.error().print();
}

int main() { return weir::run(timeouts()); }
