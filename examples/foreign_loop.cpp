// weir inside the program's own event loop: poll(2) waits for a timer of the program and for weir at the same time.
#include <weir/weir.h>

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <iostream>

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}
weir::task<> ask(weir::server& open, const int& ticks) {
    auto server = co_await weir::connect(open.local_address().to_string(), weir::framing::lines());
    for (int i = 1; server && i <= 3; ++i) {
        co_await weir::sleep(std::chrono::milliseconds(40));
        co_await server->send("question " + std::to_string(i));
        auto reply = co_await server->receive();
        std::cout << (reply ? reply->text() : "no answer") << (ticks >= 2 * i ? ", and the clock ticks\n" : "\n");
    }
    open.stop();
}
weir::task<int> converse(const int& ticks) {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    co_await weir::when_all(opened->run(echo), ask(*opened, ticks));
    co_return 0;
}

// Returns how long poll(2) may wait: until the loop has something to do even if nothing arrives. -1 means no limit.
int milliseconds_until(weir::deadline due) {
    if (due.is_never()) return -1;
    if (due.passed(weir::now())) return 0;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(due.at() - weir::now()).count());
}

int main() {
    const int clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const itimerspec every{{0, 10'000'000}, {0, 10'000'000}};  // 10 ms
    if (clock < 0 || timerfd_settime(clock, 0, &every, nullptr) != 0) return 1;

    weir::loop here(weir::system_backend());
    int ticks = 0;
    weir::started talk(here, converse(ticks));
    while (!talk.has_ended()) {
        pollfd watched[] = {{here.poll_fd(), POLLIN, 0}, {clock, POLLIN, 0}};
        poll(watched, 2, milliseconds_until(here.due()));
        std::uint64_t expired = 0;
        if (read(clock, &expired, sizeof expired) == sizeof expired) ticks += static_cast<int>(expired);
        here.run_once(weir::now());
    }
    close(clock);
    return talk.take();
}
