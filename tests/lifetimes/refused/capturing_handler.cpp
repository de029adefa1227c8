// A handler is a lambda that captures.
#include <weir/weir.h>

#include <iostream>

weir::task<> right(weir::channel client, std::string greeting) { co_await client.send(greeting); }

int main() {
    const std::string greeting = "hello";
#ifdef WRONG
    const auto wrong = [greeting](weir::channel client) -> weir::task<> { co_await client.send(greeting); };
    return weir::serve("127.0.0.1:9000", weir::framing::lines(), wrong);
#else
    return weir::serve("127.0.0.1:9000", weir::framing::lines(), right, greeting);
#endif
}
