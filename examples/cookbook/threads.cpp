// Many clients, each a thread with a blocking channel, and one server on two loops.
#include <weir/weir.h>

#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

// One client: 1,000 requests, one after the other. Returns the number of its replies.
weir::result<int> ask_often(const std::string& where, int number) {
    const weir::deadline until = weir::within(std::chrono::seconds(20));
    auto connected = weir::connect_to(where, until);
    if (!connected) return connected.error();
    weir::blocking_channel server(std::move(*connected), weir::framing::lines());
    const std::string question = "client " + std::to_string(number);
    int replies = 0;
    while (replies < 1000) {
        if (auto sent = server.send(question, until); !sent) return sent.error();
        auto reply = server.receive(until);
        if (!reply) return reply.error();
        if (reply->text() != question)
            return weir::error(weir::errc::malformed, "ask", where, "another client's reply");
        ++replies;
    }
    if (auto closed = server.close(); !closed) return closed.error();
    return replies;
}

// Runs the clients, each on its thread, and waits for all of them.
int ask_in_threads(const std::string& where, int clients) {
    std::atomic<int> replies = 0;
    {
        std::vector<std::jthread> threads;
        for (int number = 0; number < clients; ++number) {
            threads.emplace_back([&, number] {
                auto answered = ask_often(where, number);  // a channel of this thread alone
                if (answered) {
                    replies += *answered;
                } else {
                    answered.error().print();
                }
            });
        }
    }  // each jthread is joined here
    return replies;
}

weir::task<int> serve_clients() {
    auto opened =
        weir::server_loops::listen("127.0.0.1:0", weir::framing::lines(), std::vector<weir::server_options>(2));
    if (!opened) co_return opened.error().print();
    int replies = 0;
    std::jthread clients([&] {
        replies = ask_in_threads(opened->local_address().to_string(), 50);
        opened->stop();  // from any thread
    });
    co_await opened->run(echo);
    clients.join();
    const weir::server_stats all = opened->stats();
    std::cout << all.accepted << " connections, " << replies << " replies, " << all.ended_by(weir::errc::closed)
              << " closed by the client\n";
    co_return replies == 50'000 ? 0 : 1;
}

int main() { return weir::run(serve_clients()); }
