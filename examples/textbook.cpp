// The textbook, call by call: socket, bind, listen, accept, connect, send, receive, close. One program plays both sides, which
// works because the kernel finishes the connect before accept is called.
#include <weir/weir.h>

#include <iostream>

int main() {
    auto listener = weir::socket::open(weir::socket::ipv4, weir::socket::stream);  // socket()
    if (!listener) return listener.error().print();
    if (auto bound = listener->bind("127.0.0.1:0"); !bound) return bound.error().print();  // port 0: any that is free
    if (auto listening = listener->listen(5); !listening) return listening.error().print();

    auto client = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
    if (!client) return client.error().print();
    if (auto connected = client->connect(*listener->local_address()); !connected) return connected.error().print();
    if (auto sent = client->send("hello"); !sent) return sent.error().print();

    auto accepted = listener->accept();  // connection and address
    if (!accepted) return accepted.error().print();
    auto data = accepted->connection.receive(1024);
    if (!data) return data.error().print();
    std::cout << "the server received: " << data->text() << '\n';
    auto sent = accepted->connection.send(*data);  // how many bytes the kernel took
    if (!sent) return sent.error().print();
    std::cout << "the kernel took " << *sent << " bytes\n";

    auto reply = client->receive(1024);
    if (!reply) return reply.error().print();
    std::cout << "the client received: " << reply->text() << '\n';
    if (auto closed = client->close(); !closed) return closed.error().print();

    auto nothing = accepted->connection.receive(1024);  // empty: the peer has closed
    if (!nothing) return nothing.error().print();
    std::cout << "then the server received " << nothing->size() << " bytes: the client has closed\n";
}
