// The log and the counters of a server. The log goes to standard error and delays no loop. Another thread reads the
// counters while the server runs; the difference of two snapshots is what happened in between.
#include <unistd.h>
#include <weir/weir.h>

#include <condition_variable>
#include <iostream>
#include <thread>

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

// Sends lines and waits for the echo of each; then waits until the server has closed the connection.
weir::task<> talk(const weir::server& opened, std::vector<std::string> lines) {
    auto server = co_await weir::connect(opened.local_address().to_string(), weir::framing::lines());
    if (!server) co_return static_cast<void>(server.error().print());
    for (const std::string& line : lines) {
        co_await server->send(line);
        if (auto reply = co_await server->receive(); !reply) co_return;
    }
    server->shutdown_send();
    static_cast<void>(co_await server->receive());
}

weir::task<> talk_twice(weir::server& opened) {
    const std::vector<std::string> short_lines = {"one", "two", "three"}, long_lines = {std::string(100, 'x')};
    co_await talk(opened, short_lines);
    co_await talk(opened, long_lines);
    while (opened.stats().open != 0)
        co_await weir::sleep(std::chrono::milliseconds(1));
    opened.stop();
}

// Writes a line every ten seconds, and the last one when the server ends.
void watch(std::stop_token over, const weir::server& opened, weir::server_log& log) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any clock;
    weir::server_stats before;  // all zero: since the start
    do {
        clock.wait_for(lock, over, std::chrono::seconds(10), [] { return false; });
        const weir::server_stats now = opened.stats(), since = now - before;
        log.say(std::to_string(since.accepted) + " connections, " + std::to_string(now.open) + " open now, " +
                std::to_string(since.messages.messages_received) + " messages");
        before = now;
    } while (!over.stop_requested());
}

weir::task<weir::result<weir::server_stats>> serve_and_talk(weir::server_log& log) {
    weir::server_options how;
    how.log = log.events();
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines().max(64), how);
    if (!opened) co_return opened.error();
    const std::jthread watcher([&](std::stop_token over) { watch(over, *opened, log); });
    co_await weir::when_all(opened->run(echo), talk_twice(*opened));
    co_return opened->stats();
}

int main() {
    weir::result<weir::server_stats> all = weir::error(weir::errc::none);
    {
        weir::server_log log(STDERR_FILENO, "echo");
        all = weir::run(serve_and_talk(log));
    }  // the last lines are written here
    if (!all) return all.error().print();
    std::cout << "ended: " << all->ended_by(weir::errc::closed) << " closed by the peer, "
              << all->ended_by(weir::errc::too_large) << " by the limit of a message\n";
}
