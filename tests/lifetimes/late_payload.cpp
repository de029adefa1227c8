// asan: The payload of a send() is destroyed before the send is awaited.
#include <weir/weir.h>

#include <iostream>

weir::task<> wrong() {
    auto [near, far] = weir::stream_pair();
    weir::channel client(std::move(near), weir::framing::lines());
    auto sending = client.send(std::string(100, 'x'));  // the string is destroyed at the semicolon
    co_await sending;
}

weir::task<> right() {
    auto [near, far] = weir::stream_pair();
    weir::channel client(std::move(near), weir::framing::lines());
    co_await client.send(std::string(100, 'x'));  // the string exists until the send is complete
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
