// weir in a program that has an event loop already: here poll(2), which waits for a clock of the program and for weir.
// The program puts each tick of the clock into a queue, and a task of weir takes it from there.
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <weir/weir.h>

#include <algorithm>
#include <iostream>

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

// Sends what comes from the queue, until the queue is closed.
weir::task<> forward(weir::server& opened, weir::queue<std::string>& readings) {
    auto server = co_await weir::connect(opened.local_address().to_string(), weir::framing::lines());
    if (!server) static_cast<void>(server.error().print());
    while (server) {
        auto reading = co_await readings.pop();
        if (!reading) break;
        co_await server->send(*reading);
        auto reply = co_await server->receive();
        std::cout << (reply ? reply->text() : reply.error().message()) << '\n';
    }
    opened.stop();
}

weir::task<int> main_task(weir::queue<std::string>& readings) {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    co_await weir::when_all(opened->run(echo), forward(*opened, readings));
    co_return 0;
}

// How long poll(2) may wait, in milliseconds; -1 without a limit.
int wait_ms(weir::deadline due) {
    if (due.is_never()) return -1;
    if (due.passed(weir::now())) return 0;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due.at() - weir::now());
    return static_cast<int>(std::min(left, std::chrono::milliseconds(60'000)).count());
}

int main() {
    const int clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const itimerspec every{{0, 10'000'000}, {0, 10'000'000}};  // 10 ms
    if (clock < 0 || timerfd_settime(clock, 0, &every, nullptr) != 0) return 1;

    weir::queue<std::string> readings(16);
    weir::loop here(weir::system_backend());
    weir::started talk(here, main_task(readings));
    for (int count = 0; !talk.has_ended();) {
        pollfd watched[] = {{here.poll_fd(), POLLIN, 0}, {clock, POLLIN, 0}};
        poll(watched, 2, wait_ms(here.due()));
        std::uint64_t expired = 0;
        if (read(clock, &expired, sizeof expired) == sizeof expired && ++count <= 3) {
            const weir::loop::entered inside(here);  // code outside a task that uses things of the loop
            if (!readings.try_push("reading " + std::to_string(count))) std::cerr << "a reading was dropped\n";
            if (count == 3) readings.close();
        }
        here.run_once(weir::now());  // does what is due, and does not wait
    }
    close(clock);
    return talk.take();
}
