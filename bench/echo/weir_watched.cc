// The plain server with a second thread, which reads the server's counters TIMES_A_SECOND times a second. If
// TIMES_A_SECOND is 0, the thread only sleeps. The loop runs on the main thread. The second thread runs on another
// processor, if there is one.
//
//     weir_watched PORT FRAMING BACKEND TIMES_A_SECOND
#include <pthread.h>
#include <sched.h>
#include <weir/weir.h>

#include <chrono>
#include <string>
#include <thread>

#include "bench/echo/arguments.h"

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

weir::task<weir::result<weir::server_loops>> listen_at(std::string here, weir::framing described) {
    weir::server_options options;
    options.limits.connections_of_a_source = std::nullopt;
    co_return weir::server_loops::listen(here, std::move(described), {options});
}

void move_to_another_processor() {
    cpu_set_t others;
    CPU_ZERO(&others);
    for (int one = 0; one < CPU_SETSIZE; ++one) {
        if (one != ::sched_getcpu()) CPU_SET(one, &others);
    }
    ::pthread_setaffinity_np(::pthread_self(), sizeof others, &others);
}

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    WEIR_CHECK(count == 5, "weir_watched PORT FRAMING BACKEND TIMES_A_SECOND");
    const long times = std::atol(texts[4]);
    weir::loop here(
        *weir::open_backend(how.backend == "epoll" ? weir::backend_kind::epoll : weir::backend_kind::io_uring));
    auto opened = here.run(listen_at("127.0.0.1:" + std::to_string(how.port), *weir::framing::parse(how.framing)));
    if (!opened) return opened.error().print();
    const std::jthread reads([&](const std::stop_token& over) {
        std::uint64_t sum = 0;
        move_to_another_processor();
        while (!over.stop_requested()) {
            std::this_thread::sleep_for(times == 0 ? std::chrono::seconds(1)
                                                   : std::chrono::nanoseconds(std::chrono::seconds(1)) / times);
            if (times != 0) sum += opened->stats().messages.messages_received;
        }
        WEIR_CHECK(times == 0 || sum != 0, "the counters were read and nothing was counted");
    });
    here.run(opened->run(echo));
}
