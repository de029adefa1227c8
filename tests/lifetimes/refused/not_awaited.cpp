// A task is called and not awaited: it does nothing. The compiler warns; with -Werror this is an error.
#include <weir/weir.h>

weir::task<> talk(weir::channel& client) { co_await client.send("hello"); }

weir::task<> handle(weir::channel client) {
#ifdef WRONG
    talk(client);
#else
    co_await talk(client);
#endif
    co_await client.flush();
}

int main() { return weir::serve("127.0.0.1:9000", weir::framing::lines(), handle); }
