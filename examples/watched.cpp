// A server with monitoring: another thread reads its counters while it runs. Its log delays no client.
#include <unistd.h>
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <thread>

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

weir::task<weir::result<void>> talk(weir::scope& children, weir::server_loops& served) {
    children.spawn(served.run(echo));
    auto client = co_await weir::connect(served.local_address().to_string(), weir::framing::lines());
    if (!client) co_return client.error();
    for (int i = 0; i < 1000; ++i) {
        co_await client->send("hello");
        if (auto reply = co_await client->receive(); !reply) co_return reply.error();
    }
    served.stop();
    co_return weir::result<void>();
}

weir::task<int> watched() {
    weir::server_log log(STDERR_FILENO, "watched");
    weir::server_options how;
    how.log = log.events();
    auto opened = weir::server_loops::listen("127.0.0.1:0", weir::framing::lines(), {how, how});
    if (!opened) co_return opened.error().print();

    std::jthread watches([&](std::stop_token over) {  // it could also answer requests for metrics
        weir::server_stats before = opened->stats();
        while (!over.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            const weir::server_stats now = opened->stats();
            const weir::server_stats since = now - before;
            log.say(std::to_string(now.open) + " open, " + std::to_string(since.messages.messages_sent) + " messages");
            before = now;
        }
    });
    auto ended = co_await weir::in_scope(talk, std::ref(*opened));
    if (!ended) co_return ended.error().print();

    const weir::server_stats all = opened->stats();
    std::cout << all.accepted << " connection, " << all.messages.messages_received << " messages, "
              << all.ended_by(weir::errc::closed) << " closed by the peer\n";
    co_return 0;
}

int main() { return weir::run(watched()); }
