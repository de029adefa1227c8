// A channel is used after it was moved from.
#include <weir/weir.h>

#include <iostream>

weir::task<> talk(weir::channel client) { co_await client.send("hello"); }

weir::task<> wrong() {
    auto [near, far] = weir::stream_pair();
    weir::channel client(std::move(near), weir::framing::lines());
    co_await talk(std::move(client));
    co_await client.send("and goodbye");
}

weir::task<> greet(weir::channel& client) { co_await client.send("hello"); }

weir::task<> right() {
    auto [near, far] = weir::stream_pair();
    weir::channel client(std::move(near), weir::framing::lines());
    co_await greet(client);  // by reference: it is awaited here, so the channel outlives it
    co_await client.send("and goodbye");
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
