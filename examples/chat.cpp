// A chat room: each message of a member goes to all others. Each member has an outbox, and a task that empties it, so a
// slow member delays no other. When an outbox is full its member is disconnected, so memory is bounded.
#include <weir/weir.h>

#include <iostream>
#include <list>

struct member {
    weir::channel link;
    weir::queue<weir::shared_payload> outbox{16};  // all outboxes share one copy of a message
    bool listens = true;                           // false once the member has left
};
using room = std::list<member>;
weir::task<> hear(member& speaker, room& all) {
    while (auto message = co_await speaker.link.receive()) {
        const weir::shared_payload copy(*message);
        for (member& each : all)
            if (&each != &speaker && each.listens && !each.outbox.try_push(copy)) each.link.abort();
        co_await weir::sleep({});  // lets the tasks that deliver it run first
    }
    speaker.listens = false;
    speaker.outbox.close();
}
weir::task<> deliver(member& listener) {
    while (auto next = co_await listener.outbox.pop())
        co_await listener.link.send(*next);
}
weir::task<> chat(weir::channel client, room& all) {
    const auto here = all.emplace(all.end(), std::move(client));
    co_await here->link.send("welcome");
    co_await weir::when_all(hear(*here, all), deliver(*here));
    all.erase(here);
}

weir::task<weir::result<void>> guests(weir::scope& children, weir::server& open, room& all, std::ostream& out) {
    children.spawn(open.run(chat, std::ref(all)));
    std::vector<weir::channel> guest;
    while (guest.size() < 3) {  // one sends, one receives, one does neither
        auto connected = co_await weir::connect(open.local_address().to_string(), weir::framing::lines());
        if (!connected) co_return connected.error();
        if (auto welcome = co_await connected->receive(); !welcome) co_return welcome.error();
        guest.push_back(std::move(*connected));
    }
    const std::string story = "once upon a time" + std::string(10'000, '.');
    while (all.size() == 3) {  // until the sleeper is disconnected
        co_await guest[0].send(story);
        if (auto heard = co_await guest[1].receive(); !heard) co_return heard.error();
    }
    while (auto late = co_await guest[2].receive())
        continue;
    out << all.size() << " talk on; the sleeper: " << to_string(guest[2].close_reason().code()) << '\n';
    open.stop();
    co_return weir::result<void>();
}
weir::task<int> evening(std::ostream& out) {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    room all;
    auto ended = co_await weir::in_scope(guests, std::ref(*opened), std::ref(all), std::ref(out));
    co_return ended ? 0 : ended.error().print();
}
int main() { return weir::run(evening(std::cout)); }
