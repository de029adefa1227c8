// An echo server that does not wait forever: neither for a name, nor for the end of a conversation.
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

weir::task<weir::result<std::string>> ask_name(weir::channel& client) {
    for (int asked = 1; asked <= 3; ++asked) {
        co_await client.send("your name?");
        auto name = co_await client.receive(weir::within(150ms));
        if (name) co_return std::string(name->text());
        if (client.close_reason() != weir::errc::none) co_return name.error();
    }
    co_return weir::error(weir::errc::timed_out);
}

weir::task<> echo(weir::channel& client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

weir::task<> serve_one(weir::channel client) {
    auto name = co_await ask_name(client);
    if (!name) {
        co_await client.send("goodbye, stranger");
        co_return;
    }
    co_await client.send("hello, " + *name);
    auto echoed = co_await weir::with_deadline(echo(client), weir::within(400ms));
    if (!echoed) co_await client.send("goodbye, " + *name + ": " + echoed.error().message());
}

weir::task<weir::result<void>> say_nothing(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    while (auto line = co_await server->receive())
        std::cout << "stranger received: " << line->text() << '\n';
    co_return weir::result<void>();
}

weir::task<weir::result<void>> answer_late(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    int questions = 0;
    while (auto line = co_await server->receive()) {
        if (line->text() == "your name?") {
            if (++questions == 2) co_await server->send("ada");
            continue;
        }
        std::cout << "ada received: " << line->text() << '\n';
        if (line->text() == "hello, ada") co_await server->send("one");
    }
    co_return weir::result<void>();
}

weir::task<weir::result<void>> talk_and_stop(weir::server& open) {
    const std::string where = open.local_address().to_string();
    auto talked = co_await say_nothing(where);
    if (talked) talked = co_await answer_late(where);
    open.stop();
    co_return talked;
}

weir::task<int> server_and_clients() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    const auto [served, talked] = co_await weir::when_all(opened->run(serve_one), talk_and_stop(*opened));
    co_return talked ? 0 : talked.error().print();
}

int main() { return weir::run(server_and_clients()); }
