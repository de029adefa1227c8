// A task for each message: the server works on several questions at once, and answers the easy ones first.
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

weir::task<> answer(weir::channel& client, std::string word) {
    auto thought = co_await weir::sleep(word.size() * 20ms);
    if (thought) co_await client.send(word + " has " + std::to_string(word.size()) + " letters");
    else std::cout << "server: " << word << " was cancelled\n";
}

weir::task<> answer_all(weir::scope& answers, weir::channel& client) {
    while (auto message = co_await client.receive()) {
        if (message->text() == "never mind") answers.cancel();
        else answers.spawn(answer(client, std::string(message->text())));
    }
    std::cout << "server: receives no more; answers under way: " << answers.children() - 1 << '\n';
}

weir::task<> serve_one(weir::channel client) {
    auto ended = co_await weir::in_scope(answer_all, std::ref(client));
    std::cout << "server: no task is left: " << (ended ? "all were answered" : to_string(ended.error().code())) << '\n';
}

weir::task<weir::result<void>> talk(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    for (const char* word : {"chrysanthemum", "ivy", "rose"})
        co_await server->send(word);
    for (int answers = 0; answers < 3; ++answers) {
        auto line = co_await server->receive();
        if (!line) co_return line.error();
        std::cout << "client: " << line->text() << '\n';
    }
    co_await server->send("floccinaucinihilipilification");
    co_await server->send("never mind");
    while (auto line = co_await server->receive())
        std::cout << "client: " << line->text() << '\n';
    co_return weir::result<void>();
}

weir::task<weir::result<void>> talk_and_stop(weir::server& open) {
    auto talked = co_await talk(open.local_address().to_string());
    open.stop();
    co_return talked;
}

weir::task<int> server_and_client() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    const auto [served, talked] = co_await weir::when_all(opened->run(serve_one), talk_and_stop(*opened));
    co_return talked ? 0 : talked.error().print();
}

int main() { return weir::run(server_and_client()); }
