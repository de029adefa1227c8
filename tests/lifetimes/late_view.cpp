// asan: A view taken from a message is read after the next receive(): only AddressSanitizer detects it.
#include <weir/weir.h>

#include <iostream>

weir::task<> wrong() {
    auto [near, far] = weir::stream_pair();
    weir::channel peer(std::move(far), weir::framing::lines());
    weir::channel client(std::move(near), weir::framing::lines());
    co_await peer.send("first");
    co_await peer.send("second");

    auto first = co_await client.receive();
    const std::string_view words = first->text();
    auto second = co_await client.receive();
    std::cout << words << '\n';  // nothing checks a plain std::string_view
}

weir::task<> right() {
    auto [near, far] = weir::stream_pair();
    weir::channel peer(std::move(far), weir::framing::lines());
    weir::channel client(std::move(near), weir::framing::lines());
    co_await peer.send("first");
    co_await peer.send("second");

    auto first = co_await client.receive();
    const std::string words(first->text());
    auto second = co_await client.receive();
    std::cout << words << ", " << second->text() << '\n';
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
