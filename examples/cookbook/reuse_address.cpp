// Restarting a server. Old connections in TIME_WAIT make an address "in use", and so does another listener. Only
// another listener makes listen_on() fail; all servers of weir use this function.
#include <weir/weir.h>

#include <iostream>

namespace {

void show(std::string_view what, const weir::result<weir::socket>& listener) {
    std::cout << what << ": " << (listener ? "listens" : to_string(listener.error().code())) << '\n';
}

// Calls socket(2), bind(2) and listen(2), and sets no option.
weir::result<weir::socket> listen_without_option(const weir::address& here) {
    auto opened = weir::socket::open(here.family(), weir::socket::stream);
    if (!opened) return opened;
    if (auto bound = opened->bind(here); !bound) return bound.error();
    if (auto listens = opened->listen(); !listens) return listens.error();
    return opened;
}

// Serves one client and closes first, like a server that is stopped. The server's side is then in TIME_WAIT.
weir::result<weir::address> serve_and_stop(weir::socket listener) {
    const auto here = listener.local_address();
    if (!here) return here.error();
    auto client = weir::connect_to(here->to_string());
    if (!client) return client.error();
    auto served = listener.accept();
    if (!served) return served.error();
    if (auto closed = served->connection.close(); !closed) return closed.error();
    auto end = client->receive(1);  // empty: the server has closed
    if (!end) return end.error();
    if (auto closed = listener.close(); !closed) return closed.error();
    return *here;
}

}  // namespace

int main() {
    auto first = weir::listen_on("127.0.0.1:0");
    if (!first) return first.error().print();
    const auto here = serve_and_stop(std::move(*first));
    if (!here) return here.error().print();
    show("the port after a stop, without an option", listen_without_option(*here));
    auto restarted = weir::listen_on(here->to_string());
    show("the same port with listen_on()", restarted);
    show("a second listener beside it", weir::listen_on(here->to_string()));
    if (!restarted) return 1;

    auto plain = listen_without_option(*weir::address::parse("127.0.0.1:0"));
    if (!plain) return plain.error().print();
    const auto there = serve_and_stop(std::move(*plain));
    if (!there) return there.error().print();
    show("listen_on() after a server that had not set the option", weir::listen_on(there->to_string()));
}
