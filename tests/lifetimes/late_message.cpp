// A message is read after the next receive().
#include <weir/weir.h>

#include <iostream>

weir::task<> wrong() {
    auto [near, far] = weir::stream_pair();
    weir::channel peer(std::move(far), weir::framing::lines());
    weir::channel client(std::move(near), weir::framing::lines());
    co_await peer.send("first");
    co_await peer.send("second");

    auto first = co_await client.receive();
    auto second = co_await client.receive();
    std::cout << first->text() << '\n';  // invalid since the second receive()
}

weir::task<> right() {
    auto [near, far] = weir::stream_pair();
    weir::channel peer(std::move(far), weir::framing::lines());
    weir::channel client(std::move(near), weir::framing::lines());
    co_await peer.send("first");
    co_await peer.send("second");

    auto first = co_await client.receive();
    const weir::bytes kept = first->own();
    auto second = co_await client.receive();
    std::cout << kept.text() << ", " << second->text() << '\n';
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
