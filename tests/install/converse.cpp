// A user's program that uses the whole library.
#include <weir/weir.h>

#include <cstdio>

int main() {
    auto pair = weir::socket_pair();
    if (!pair) return pair.error().print();
    if (auto sent = pair->first.send_all("hello"); !sent) return sent.error().print();
    const auto received = pair->second.receive(5);
    if (!received) return received.error().print();
    if (*received != weir::bytes("hello")) return 1;
    std::puts("hello");
    return 0;
}
