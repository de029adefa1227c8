// An echo server: it returns every message.
#include <weir/weir.h>

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

int main() { return weir::serve("127.0.0.1:9000", weir::framing::lines(), echo); }
