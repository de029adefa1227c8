// Mistakes of beginners, each with the first error or warning of the compiler: see tests/tool/compile_help.bats.
#include <weir/weir.h>

using namespace std::chrono_literals;

weir::task<weir::result<int>> ask();
weir::queue<int>& jobs();

weir::task<> receives(weir::channel client) {
    while (auto message = client.receive()) {  // says: co_await is missing
    }
    client.receive();  // says: nothing is received without co_await: `auto message = co_await client.receive();`
    co_return;
}

weir::task<> sends(weir::channel client, weir::buffer large) {
    client.send("hello");           // says: nothing is sent without co_await: `co_await client.send(...);`
    client.send(std::move(large));  // says: nothing is sent without co_await: `co_await client.send(...);`
    client.flush();                 // says: nothing waits without co_await: `co_await client.flush();`
}

weir::task<> calls() {
    auto number = ask();
    int twice = 2 * *number;  // says: co_await is missing
    ask();                    // says: a task does nothing until it is awaited: co_await it, or spawn it in a scope
    auto server = weir::connect("127.0.0.1:9000", weir::framing::lines());
    co_await server->send("hello");  // says: co_await is missing
    weir::sleep(1s);                 // says: nothing sleeps without co_await: `co_await weir::sleep(...);`
    weir::with_deadline(ask(), weir::within(1s));  // says: nothing runs without co_await
    weir::when_all(ask(), ask());                  // says: nothing runs without co_await
    jobs().push(twice);                            // says: nothing is queued without co_await
    jobs().pop();                                  // says: nothing is taken without co_await
}

void results() {
    weir::listen_on("127.0.0.1:0");  // says: this call may have failed: `auto done = ...; if (!done)
    weir::socket().listen();         // says: this call may have failed: `auto done = ...; if (!done)
}

struct reading {
    std::uint32_t id;
    void* place;
};
const auto pointer =
    weir::record("!IQ", &reading::id, &reading::place);  // says: a member of a record is a number, bool
