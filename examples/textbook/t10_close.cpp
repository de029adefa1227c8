// T10. close() ends a connection and returns the descriptor; shutdown() ends one direction; the destructor closes, too.
// While a duplicate is open, close() does not end the connection.
#include <weir/weir.h>

#include "lesson.h"

weir::task<> on_the_loop() {
    auto [client, server] = channels(weir::framing::len16());
    co_await client.send("the question");
    client.shutdown_send();  // half-close
    auto question = co_await server.receive();
    std::cout << "on the loop, the server received: " << must(question).text() << '\n';
    auto end = co_await server.receive();
    show(end == weir::errc::closed, "on the loop: then the end");
    co_await server.send("the answer");
    auto answer = co_await client.receive();
    std::cout << "on the loop, the client received: " << must(answer).text() << '\n';
}

int main() {
    auto [client, server] = pair();
    must(client.send("the question"));
    must(client.shutdown(weir::half::send));  // half-close: this side sends no more
    std::cout << "the server received: " << must(server.receive(1024)).text() << '\n';
    show(must(server.receive(1024)).empty(), "then the end");
    must(server.send("the answer"));
    std::cout << "the client received: " << must(client.receive(1024)).text() << '\n';

    must(client.close());
    must(client.close());
    show(!client.is_open(), "closed; a second close succeeds");
    show(client.send("?") == weir::errc::invalid, "every other call on a closed socket is invalid");

    auto [original, peer] = pair();
    auto copy = must(original.duplicate());
    must(original.close());
    show(peer.receive(1024, weir::receive_flags::non_blocking) == weir::errc::would_block,
         "one of two duplicates is closed: the connection is open");
    must(copy.send("still open"));
    std::cout << "its peer received: " << must(peer.receive(1024)).text() << '\n';
    {
        const auto last = std::move(copy);
    }  // the destructor of `last` closes it
    show(must(peer.receive(1024)).empty(), "the last duplicate is closed: the peer reads the end");

    weir::run(on_the_loop());
}
