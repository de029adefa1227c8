// T15. Two buffers are between send and receive. send waits while the send buffer is FULL; receive waits while the
// receive buffer is EMPTY. Their sizes depend on the kernel, but no byte is lost between them.
#include <weir/weir.h>

#include "lesson.h"
using namespace std::chrono_literals;

std::size_t unacknowledged(const weir::socket& one) { return must(weir::view_of(one)).unacknowledged_bytes.value(); }
std::size_t never_sent(const weir::socket& one) { return must(weir::view_of(one)).unsent_bytes.value(); }
std::size_t unread(const weir::socket& one) { return must(weir::view_of(one)).unread_bytes.value(); }

const weir::bytes block(65536);

// Sends until both buffers are full, and returns how many bytes the kernel took.
std::size_t fill(weir::socket& client, const weir::socket& server) {
    std::size_t taken = 0;
    while (true) {
        // True when no byte is in transit, so no more space can become free in the buffers.
        const bool is_settled =
            unacknowledged(client) == never_sent(client) && unacknowledged(client) + unread(server) == taken;
        const auto sent = client.send(block, weir::send_flags::non_blocking);
        if (sent) taken += *sent;
        if (!sent && is_settled) return taken;
    }
}

weir::task<std::size_t> send_forever(weir::channel& client) {
    std::size_t sent = 0;
    while (true) {
        auto done = co_await client.send(block);
        if (!done) co_return sent;  // cancelled by the deadline: nothing of this block was queued
        sent += block.size();
    }
}

weir::task<> on_the_loop() {
    auto [socket, server] = pair();
    auto client = must(weir::adopt(std::move(socket), weir::framing::chunks()));
    auto sending = send_forever(client);
    auto late = co_await weir::with_deadline(std::move(sending), weir::within(200ms));
    show(late == weir::errc::timed_out, "on the loop: send suspends the task while the buffers are full");
    show(client.queued_bytes() > 0, "on the loop: the channel has a queue in front of the send buffer");
}

int main() {
    auto [client, server] = pair();
    show(server.receive(1, weir::receive_flags::non_blocking) == weir::errc::would_block,
         "the receive buffer is empty: receive would wait");

    const auto taken = fill(client, server);
    show(client.send(block, weir::send_flags::non_blocking) == weir::errc::would_block,
         "both are full: send would wait");
    show(never_sent(client) > 0 && unread(server) > 0, "some bytes were never sent, some are unread at the server");
    show(unacknowledged(client) + unread(server) == taken, "unacknowledged + unread = taken, to the byte");
    show(must(server.receive(1)).size() == 1, "the receive buffer is full: receive returns at once");

    std::size_t received = 1;
    while (received < taken) received += must(server.receive(65536)).size();
    show(received == taken, "the server has read everything");
    show(eventually([&] { return bool(client.send("x", weir::send_flags::non_blocking)); }),
         "there is room again: send does not wait");

    auto [sends, vanishes] = pair();
    vanish(vanishes);
    must(sends.send("hello"));
    show(eventually([&] { return never_sent(sends) == 0; }), "the peer vanished: SIOCOUTQNSD is 0, all was sent");
    show(unacknowledged(sends) == 5, "SIOCOUTQ is 5: nothing was acknowledged");

    weir::run(on_the_loop());
}
