// Two tasks receive from one channel at once.
#include <weir/weir.h>

#include <iostream>

weir::task<> reader(weir::channel& client) {
    while (auto message = co_await client.receive())
        std::cout << message->text() << '\n';
}

weir::task<> wrong() {
    auto [near, far] = weir::stream_pair();
    weir::channel client(std::move(near), weir::framing::lines());
    co_await weir::when_all(reader(client), reader(client));
}

weir::task<> worker(weir::queue<weir::bytes>& jobs) {
    while (auto job = co_await jobs.pop())
        std::cout << job->text() << '\n';
}
weir::task<> read_into(weir::queue<weir::bytes>& jobs, weir::channel& client) {
    while (auto message = co_await client.receive()) {
        if (auto queued = co_await jobs.push(message->own()); !queued) break;
    }
    jobs.close();
}
weir::task<> write(weir::owned_stream below) {
    weir::channel peer(std::move(below), weir::framing::lines());
    co_await peer.send("one job");
}

weir::task<> right() {
    auto [near, far] = weir::stream_pair();
    weir::channel client(std::move(near), weir::framing::lines());
    weir::queue<weir::bytes> jobs(16);
    co_await weir::when_all(read_into(jobs, client), worker(jobs), worker(jobs), write(std::move(far)));
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
