// Questions over UDP, where a datagram may be lost, duplicated or reordered. The client repeats a question until an
// answer with its number arrives. The server gives each copy of a question the same answer.
#include <weir/weir.h>

#include <iostream>

struct question {
    std::uint16_t number;
    std::int32_t first, second;
};
struct answer {
    std::uint16_t number;
    std::int64_t sum;
};
constexpr auto asked = weir::record("!Hii", &question::number, &question::first, &question::second);
constexpr auto answered = weir::record("!Hq", &answer::number, &answer::sum);

weir::task<> add(weir::datagram_channel& here) {
    while (auto came = co_await here.receive()) {
        const auto one = asked.unpack(*came);
        if (!one) continue;  // not a question: any program may send to this port
        weir::buffer packed;
        if (answered.pack({one->number, std::int64_t{one->first} + one->second}, packed))
            co_await here.send_to(packed.view(), came->from());
    }
}
weir::task<weir::result<std::int64_t>> ask(weir::datagram_channel& server, question one) {
    weir::buffer packed;
    if (auto done = asked.pack(one, packed); !done) co_return done.error();
    auto patience = std::chrono::milliseconds(50);
    for (int i = 0; i < 10; ++i, patience = patience * 3 / 2) {
        co_await server.send(packed.view());
        const weir::deadline until = weir::loop::current().now() + patience;
        while (auto came = co_await server.receive(until)) {
            if (const auto reply = answered.unpack(*came); reply && reply->number == one.number) co_return reply->sum;
        }
    }
    co_return weir::error(weir::errc::timed_out, "ask", server.peer_address().to_string());
}
weir::task<weir::result<void>> talk(weir::scope& children, weir::datagram_channel& open, std::ostream& out) {
    children.spawn(add(open));
    auto server = weir::datagram_channel::connect(open.local_address());
    if (!server) co_return server.error();
    for (std::uint16_t number = 1; number <= 5; ++number) {
        auto sum = co_await ask(*server, {number, number * 1000, -number});
        if (!sum) co_return sum.error();
        out << number * 1000 << " - " << number << " = " << *sum << '\n';
    }
    children.cancel();
    co_return weir::result<void>();
}
weir::task<int> conversation(std::ostream& out) {
    auto opened = weir::datagram_channel::bind(*weir::address::parse("127.0.0.1:0"));
    if (!opened) co_return opened.error().print();
    auto ended = co_await weir::in_scope(talk, std::ref(*opened), std::ref(out));
    co_return ended || ended == weir::errc::cancelled ? 0 : ended.error().print();
}
int main() { return weir::run(conversation(std::cout)); }
