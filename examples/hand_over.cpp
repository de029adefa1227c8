// Moves a connection from one loop to another, together with its state: messages that have arrived and were not
// received, a partial message, and output that the kernel has not taken. To move it to another process, send the socket
// and the bytes over a Unix socket (send_options::descriptors()).
#include <weir/base/text.h>
#include <weir/weir.h>

#include <iostream>

namespace {

weir::task<weir::result<weir::detached_connection>> first_loop(weir::socket connection) {
    auto client = weir::adopt(std::move(connection), weir::framing::lines());
    if (!client) co_return client.error();
    auto message = co_await client->receive();
    if (message) std::cout << "first loop: " << message->text() << '\n';
    co_return co_await client->detach();
}

weir::task<> second_loop(weir::detached_connection given) {
    auto client = weir::adopt(std::move(given), weir::framing::lines());
    if (!client) co_return;
    while (auto message = co_await client->receive()) {
        std::cout << "second loop: " << message->text() << '\n';
        co_await client->send(*message);
    }
}

}  // namespace

int main() {
    auto pair = weir::socket_pair(weir::socket_type::stream);
    if (!pair) return pair.error().print();
    weir::socket& peer = pair->second;
    if (auto sent = peer.send("one\ntwo\nthr"); !sent) return sent.error().print();
    auto given = weir::run(first_loop(std::move(pair->first)));
    if (!given) return given.error().print();
    std::cout << "unread: " << weir::quote(given->unread.view()) << '\n';
    if (auto sent = peer.send("ee\n"); !sent) return sent.error().print();
    if (auto ended = peer.shutdown(weir::half::send); !ended) return ended.error().print();
    weir::run(second_loop(std::move(*given)));
    auto replies = peer.receive(100);
    if (!replies) return replies.error().print();
    std::cout << "the peer got: " << weir::quote(*replies) << '\n';
}
