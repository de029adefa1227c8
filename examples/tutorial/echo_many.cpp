// An echo server for many clients: each connection has a task with its own variables, and all tasks share the counts.
#include <weir/weir.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

struct counts {
    int clients = 0;
    int most_clients = 0;
    int messages = 0;
};

weir::task<> echo(weir::channel client, counts& all) {
    ++all.clients;
    all.most_clients = std::max(all.most_clients, all.clients);
    int mine = 0;
    while (auto message = co_await client.receive()) {
        ++mine;
        ++all.messages;
        co_await client.send(std::to_string(mine) + " " + std::string(message->text()));
    }
    --all.clients;
}

weir::task<weir::result<void>> ask(weir::channel& server, std::string name, std::string word) {
    co_await server.send(word);
    auto reply = co_await server.receive();
    if (!reply) co_return reply.error();
    std::cout << name << ": " << reply->text() << '\n';
    co_return weir::result<void>();
}

weir::task<weir::result<void>> talk(std::string where) {
    const std::vector<std::string> names = {"ada", "bob", "cid"};
    std::vector<weir::channel> guests;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto server = co_await weir::connect(where, weir::framing::lines());
        if (!server) co_return server.error();
        guests.push_back(std::move(*server));
    }
    for (const std::size_t i : {0U, 1U, 0U, 2U, 0U, 1U}) {
        auto asked = co_await ask(guests[i], names[i], "hello");
        if (!asked) co_return asked;
    }
    co_return weir::result<void>();
}

weir::task<weir::result<void>> talk_and_stop(weir::server& open) {
    auto talked = co_await talk(open.local_address().to_string());
    open.stop();
    co_return talked;
}

weir::task<int> server_and_clients() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    counts all;
    const auto [served, talked] = co_await weir::when_all(opened->run(echo, std::ref(all)), talk_and_stop(*opened));
    if (!talked) co_return talked.error().print();
    std::cout << all.messages << " messages; clients at once: " << all.most_clients << ", now: " << all.clients << '\n';
    co_return 0;
}

int main() { return weir::run(server_and_clients()); }
