// T10. close(), and what it is not: shutdown() ends one direction, close() gives the socket back, the destructor does
// so too.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;

    must(client.send("the whole question"));
    must(client.shutdown(weir::half::send));  // "no more comes from me"
    std::cout << "the server received: " << must(server.receive(1024)).text() << '\n';
    show(must(server.receive(1024)).empty(), "then the end");
    must(server.send("the answer"));
    std::cout << "the client still received: " << must(client.receive(1024)).text() << '\n';

    must(client.close());
    must(client.close());
    show(!client.is_open(), "closed; closing twice is no mistake");
    show(client.send("?") == weir::errc::invalid, "a closed socket answers every call with: invalid");

    auto second = must(weir::connect_to(must(listener.local_address()).to_string()));
    auto other = must(listener.accept()).connection;
    {
        const auto gone = std::move(second);
    }  // the end of its scope
    show(must(other.receive(1024)).empty(), "the destructor closed the second client");
}
