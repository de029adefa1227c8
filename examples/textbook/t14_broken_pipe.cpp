// T14. Sending after the peer has gone: the first send is taken, because this kernel does not know yet that nobody
// reads; the peer's answer to it, a reset, tells. The next is a broken pipe. No signal is raised.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;

    must(server.close());
    show(must(client.receive(1024)).empty(), "the server has closed: receive gives the end");
    show(must(weir::view_of(client)).state == weir::tcp_state::close_wait, "TCP says close_wait: it may still read us");
    const auto first = client.send("one");
    show(bool(first), "the first send is taken");

    show(eventually([&] { return must(weir::view_of(client)).state == weir::tcp_state::closed; }),
         "its answer, a reset, has come back");
    const auto second = client.send("two");
    show(second == weir::errc::broken_pipe, "the second send is a broken pipe");
    std::cout << "and we live: there was no SIGPIPE\n";
}
