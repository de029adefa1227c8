// The kernel_view of a socket agrees with the calls on the socket.
#include "weir/socket/kernel_view.h"

#include "tests/socket/support.h"

using namespace weir_test;
using weir::kernel_view;
using weir::tcp_state;
using weir::view_of;

namespace {

kernel_view look(const weir::socket& one) {
    auto view = view_of(one);
    REQUIRE_MESSAGE(view, (view ? "" : view.error().message()));
    return std::move(*view);
}

// Calls `agreed` repeatedly until it returns true, for at most ten seconds, because acknowledgements may be late.
template <class Agreed>
bool eventually(Agreed agreed) {
    const auto until = within(10s);
    while (!agreed()) {
        if (until.passed(weir::now())) return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace

TEST_CASE_FIXTURE(counted, "unread_bytes is the number of bytes that were sent and not received") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        CHECK(look(peer).unread_bytes == 0);
        REQUIRE(client.send(pattern(1000)));
        CHECK(eventually([&, &to = peer] { return look(to).unread_bytes == 1000; }));
        REQUIRE(peer.receive(400));
        CHECK(look(peer).unread_bytes == 600);
        CHECK(look(client).send_buffer_bytes == *client.get(weir::option::send_buffer_bytes));
        CHECK(look(client).receive_buffer_bytes == *client.get(weir::option::receive_buffer_bytes));
    });
}

TEST_CASE_FIXTURE(counted, "the view of a TCP socket has a TCP state, and that of a Unix socket has none") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        const kernel_view view = look(client);
        if (family == weir::socket::local) {
            CHECK_FALSE(view.state);
            CHECK_FALSE(view.rtt);
            CHECK_FALSE(view.congestion_algorithm);
            CHECK_FALSE(view.backlog);
            return;
        }
        CHECK(view.state == tcp_state::established);
        CHECK(view.rtt > 0ns);
        CHECK(view.rtt_variation.has_value());
        CHECK(view.retransmission_timeout > view.rtt);
        CHECK(view.retransmitted_segments == 0);
        CHECK(view.congestion_window > 0);
        CHECK(view.segment_bytes > 500);
        CHECK(view.unsent_bytes == 0);
        CHECK(view.congestion_algorithm == *client.get(weir::option::congestion_control));
        CHECK_FALSE(view.backlog);
        REQUIRE(client.send_all(pattern(100'000), within(10s)));
        REQUIRE(peer.receive(100'000, weir::receive_flags::wait_all, within(10s)));
        CHECK(eventually([&, &from = client] { return look(from).unacknowledged_bytes == 0; }));
        const kernel_view after = look(client);
        CHECK(after.acknowledged_bytes >= 100'000);
        CHECK(look(peer).received_bytes == 100'000);
        CHECK(after.delivery_bytes_per_second > 0);
        REQUIRE(client.shutdown(half::send));
        CHECK(eventually([&, &from = client] { return look(from).state == tcp_state::fin_wait_2; }));
        CHECK(look(peer).state == tcp_state::close_wait);
        const std::string text = after.to_string();
        CHECK(text.find("state established\n") == 0);
        CHECK(text.find("\nunsent_bytes 0\n") != std::string::npos);
        CHECK(text.find("backlog") == std::string::npos);
    });
}

TEST_CASE_FIXTURE(counted, "the view of a listener has the length of its accept queue, and the limit") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        server listening(family, 5);
        std::vector<weir::socket> clients;
        for (unsigned waiting = 0; waiting < 6; ++waiting) {
            const kernel_view view = look(listening.listener);
            CHECK(view.state == tcp_state::listening);
            CHECK(view.backlog == waiting);
            CHECK(view.backlog_limit == 5);
            CHECK_FALSE(view.rtt);
            clients.push_back(listening.connect());
            CHECK(eventually([&] { return look(listening.listener).backlog == waiting + 1; }));
        }
    }
}

TEST_CASE_FIXTURE(counted, "datagrams that were dropped for lack of room are counted") {
    auto receiver = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    REQUIRE(receiver->bind("127.0.0.1:0"));
    REQUIRE(receiver->set(weir::option::receive_buffer_bytes, 1));
    auto sender = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    CHECK(look(*receiver).dropped_packets == 0);
    constexpr unsigned sent = 50;
    for (unsigned i = 0; i < sent; ++i) REQUIRE(sender->send_to(pattern(500), *receiver->local_address()));
    const kernel_view view = look(*receiver);
    CHECK(view.unread_bytes == 500);
    CHECK_FALSE(view.state);
    unsigned arrived = 0;
    while (receiver->receive_from(500, weir::receive_flags::non_blocking)) ++arrived;
    CHECK(arrived > 0);
    CHECK(arrived < sent);
    CHECK(arrived + *view.dropped_packets == sent);
}

TEST_CASE("every state has a name, and a descriptor that is not a socket has no view") {
    CHECK(to_string(tcp_state::established) == "established");
    CHECK(to_string(tcp_state::new_syn_received) == "new_syn_received");
    CHECK(to_string(static_cast<tcp_state>(99)) == "unknown");
    CHECK(view_of(weir::socket()) == errc::invalid);
    const weir::descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK(view_of(file.fd()) == errc::invalid);
    CHECK(kernel_view().to_string().empty());
}
