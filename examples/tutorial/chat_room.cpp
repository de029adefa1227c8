// The chat room of chat_server.cpp and an evening in it: members join, talk, fall behind and leave, and the room
// closes.
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <list>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

struct member {
    weir::channel link;
    std::string name;
    weir::queue<weir::shared_payload> outbox{16};
    bool is_slow = false;
};

struct room {
    std::list<member*> members;

    void tell(std::string_view text, const member* speaker = nullptr) {
        const weir::shared_payload line(text);
        for (member* const each : members) {
            if (each == speaker || each->outbox.try_push(line)) continue;
            each->is_slow = true;
            each->link.abort();
        }
    }
};

// As long as it exists, the member is in the room.
class seat {
public:
    seat(room& all, member& one) : all_(all), one_(one) { all_.members.push_back(&one_); }
    seat(const seat&) = delete;
    seat& operator=(const seat&) = delete;
    ~seat() { all_.members.remove(&one_); }

private:
    room& all_;
    member& one_;
};

weir::task<weir::result<std::string>> ask_name(weir::channel& client) {
    co_await client.send("your name?");
    auto name = co_await client.receive(weir::within(60s));
    if (!name) co_return name.error();
    co_return std::string(name->text());
}

weir::task<> hear(member& speaker, room& all) {
    all.tell("* " + speaker.name + " has joined");
    const seat here(all, speaker);
    co_await speaker.link.send("* welcome, " + speaker.name);
    while (auto message = co_await speaker.link.receive()) {
        if (message->text() == "/quit") break;
        all.tell(speaker.name + ": " + std::string(message->text()), &speaker);
        co_await weir::sleep(0s);  // lets the tasks that deliver this run first
    }
}

void announce_end(member& gone, room& all) {
    if (gone.is_slow) all.tell("* " + gone.name + " did not keep up");
    else if (gone.link.close_reason() != weir::errc::cancelled) all.tell("* " + gone.name + " has left");
    else static_cast<void>(gone.outbox.try_push(weir::shared_payload("* the room closes")));
}

weir::task<> take_part(member& one, room& all) {
    co_await hear(one, all);
    announce_end(one, all);
    one.outbox.close();
}

weir::task<> deliver(member& listener) {
    while (auto line = co_await listener.outbox.pop())
        co_await listener.link.send(*line);
}

weir::task<> chat(weir::channel client, room& all) {
    auto name = co_await ask_name(client);
    if (!name) co_return;
    member me{std::move(client), *name};
    co_await weir::when_all(take_part(me, all), deliver(me));
}

struct guest {
    std::string name;
    weir::channel link;
};

weir::task<weir::result<guest>> join(std::string where, std::string name) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    co_await server->send(name);
    for (const char* expected : {"your name?", "* welcome, "}) {
        auto line = co_await server->receive();
        if (!line) co_return line.error();
        if (!line->text().starts_with(expected)) co_return weir::error(weir::errc::malformed, "join", name);
    }
    co_return guest{name, std::move(*server)};
}

weir::task<> show_line(guest& one) {
    auto line = co_await one.link.receive();
    std::cout << one.name << ": " << (line ? line->text() : to_string(line.error().code())) << '\n';
}

weir::task<> show_end(guest& one) {
    while (auto line = co_await one.link.receive())
        continue;
    std::cout << one.name << ": " << to_string(one.link.close_reason().code()) << '\n';
}

// One member talks and another one listens, until a notice of the room arrives.
weir::task<> chatter(guest& talks, guest& listens) {
    const std::string story(4000, '.');
    bool goes_on = true;
    while (goes_on) {
        co_await talks.link.send(story);
        auto line = co_await listens.link.receive();
        goes_on = line && !line->text().starts_with("* ");
        if (!goes_on) std::cout << listens.name << ": " << (line ? line->text() : "no line") << '\n';
    }
}

weir::task<weir::result<void>> evening(weir::scope& children, weir::server& open, room& all) {
    children.spawn(open.run(chat, std::ref(all)));
    const std::string where = open.local_address().to_string();
    auto ada = co_await join(where, "ada");
    if (!ada) co_return ada.error();
    auto bob = co_await join(where, "bob");
    if (!bob) co_return bob.error();
    co_await show_line(*ada);
    auto cid = co_await join(where, "cid");
    if (!cid) co_return cid.error();
    co_await show_line(*ada);
    co_await show_line(*bob);

    co_await ada->link.send("hello");
    co_await show_line(*bob);
    co_await show_line(*cid);

    co_await chatter(*ada, *bob);  // while cid does not read
    co_await show_line(*ada);
    co_await show_end(*cid);

    co_await bob->link.send("/quit");
    co_await show_end(*bob);
    co_await show_line(*ada);

    open.stop();
    co_await show_line(*ada);
    co_await show_end(*ada);
    co_return weir::result<void>();
}

weir::task<int> server_and_guests() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines().max(4096));
    if (!opened) co_return opened.error().print();
    room all;
    auto ended = co_await weir::in_scope(evening, std::ref(*opened), std::ref(all));
    co_return ended ? 0 : ended.error().print();
}

int main() { return weir::run(server_and_guests()); }
