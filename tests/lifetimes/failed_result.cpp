// The value of a failed result is read.
#include <weir/weir.h>

#include <iostream>

weir::task<> wrong() {
    auto server = co_await weir::connect("127.0.0.1:1", weir::framing::lines());
    co_await server->send("hello");
}

weir::task<> right() {
    auto server = co_await weir::connect("127.0.0.1:1", weir::framing::lines());
    if (server) co_await server->send("hello");
    else std::cout << server.error().message() << '\n';
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
