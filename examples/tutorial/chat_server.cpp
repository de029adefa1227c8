// A chat room as a server: what one member says, every other member receives. It runs until ^C.
#include <weir/weir.h>

#include <chrono>
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

int main() {
    room all;
    weir::serve_options how;
    how.limits.connection.first_message = std::nullopt;  // ask_name() has a limit of its own
    how.limits.connection.idle = std::nullopt;           // a member may be silent for hours
    return weir::serve("127.0.0.1:9000", weir::framing::lines().max(4096), how, chat, std::ref(all));
}
