// T11. connect((ip, port)); then each side waits for the other to speak first. Nothing is wrong with either program,
// and nothing will ever happen, unless a deadline ends it.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;

    bool server_gave_up = false;
    std::jthread other([&] { server_gave_up = server.receive(1024, weir::within(200ms)) == weir::errc::timed_out; });
    const auto nothing = client.receive(1024, weir::within(200ms));
    other.join();
    show(nothing == weir::errc::timed_out, "the client waited for the server, until its deadline");
    show(server_gave_up, "the server waited for the client, until its deadline");

    must(client.send("then I begin"));
    std::cout << "the server received: " << must(server.receive(1024)).text() << '\n';
}
