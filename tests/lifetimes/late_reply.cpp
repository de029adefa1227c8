// A send() of a message waits while another task receives the next message.
#include <weir/weir.h>

#include <iostream>

using namespace std::chrono_literals;

weir::task<> answer(weir::channel& client, const weir::message& one) { co_await client.send(one); }
weir::task<> next(weir::channel& client) {
    auto message = co_await client.receive();
    std::cout << message->text() << '\n';
}

// The peer has sent two messages, and the next send() has to wait.
weir::task<> prepare(weir::channel& peer, weir::channel& client) {
    co_await peer.send("first");
    co_await peer.send("second");
    client.pace(50ms);
    co_await client.send("paced");
}

weir::task<> wrong() {
    auto [near, far] = weir::stream_pair();
    weir::channel peer(std::move(far), weir::framing::lines());
    weir::channel client(std::move(near), weir::framing::lines());
    co_await prepare(peer, client);

    auto first = co_await client.receive();
    co_await weir::when_all(answer(client, *first), next(client));  // next() invalidates the message of answer()
}

weir::task<> answer_with(weir::channel& client, weir::bytes kept) { co_await client.send(kept); }

weir::task<> right() {
    auto [near, far] = weir::stream_pair();
    weir::channel peer(std::move(far), weir::framing::lines());
    weir::channel client(std::move(near), weir::framing::lines());
    co_await prepare(peer, client);

    auto first = co_await client.receive();
    co_await weir::when_all(answer_with(client, first->own()), next(client));
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
