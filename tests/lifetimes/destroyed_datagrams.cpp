// A datagram channel is destroyed while a task waits in it.
#include <weir/weir.h>

#include <iostream>
#include <optional>

weir::result<weir::datagram_channel> bound() {
    return weir::datagram_channel::bind(*weir::address::parse("127.0.0.1:0"));
}

weir::task<> listen(weir::datagram_channel& from) {
    while (auto datagram = co_await from.receive())
        std::cout << datagram->text() << '\n';
}

weir::task<> stop(std::optional<weir::datagram_channel>& one) {
    one.reset();  // listen() still waits in it
    co_return;
}

weir::task<> wrong() {
    std::optional<weir::datagram_channel> one(*bound());
    co_await weir::when_all(listen(*one), stop(one));
}

weir::task<> stop() { co_return; }

weir::task<> right() {
    weir::datagram_channel one = *bound();
    co_await weir::when_any(listen(one), stop());  // when stop() ends, listen() is cancelled and awaited
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
