// Tasks that wait for a signal.
#include <csignal>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// Raises SIGUSR1 in this process or in the simulated one.
void raise_user_1() {
    if (loop::current().backend().kind() == backend_kind::simulated) {
        static_cast<sim::network&>(loop::current().backend()).raise(weir::signal::user_1);
    } else {
        static_cast<void>(::raise(SIGUSR1));
    }
}

task<> wait_for(std::vector<weir::signal> which, std::optional<weir::signal>& got) {
    auto came = co_await next_signal(std::move(which));
    if (came) got = *came;
}

}  // namespace

TEST_CASE("a task waits for one of several signals, and a signal resumes every task that waits for it") {
    on_each_backend([]() -> task<> {
        std::optional<weir::signal> first;
        std::optional<weir::signal> second;
        auto all = [](scope& children, std::optional<weir::signal>& one, std::optional<weir::signal>& other) -> task<> {
            children.spawn(wait_for({weir::signal::user_2, weir::signal::user_1}, one));
            children.spawn(wait_for({weir::signal::user_1}, other));
            co_await sleep(1ms);
            CHECK_FALSE(one);
            raise_user_1();
        };
        auto done = co_await in_scope(+all, std::ref(first), std::ref(second));
        CHECK(done);
        CHECK(first == weir::signal::user_1);
        CHECK(second == weir::signal::user_1);
    });
}

TEST_CASE("after a wait for a signal is cancelled, the signal has its previous action") {
    struct sigaction before{};
    ::sigaction(SIGUSR1, nullptr, &before);
    on_each_backend([]() -> task<> {
        task<result<weir::signal>> waits = next_signal({weir::signal::user_1});
        auto got = co_await with_deadline(std::move(waits), within(5ms));
        CHECK(got == errc::timed_out);
    });
    struct sigaction after{};
    ::sigaction(SIGUSR1, nullptr, &after);
    CHECK((after.sa_handler == before.sa_handler));
}

TEST_CASE("more waits for signals than a process can have are an error that names the limit") {
    on_each_kernel_backend([]() -> task<> {
        const std::vector<weir::signal> many(65, weir::signal::user_1);
        auto got = co_await next_signal(many);
        CHECK(got == errc::over_limit);
        CHECK(got.error().message() == "watch a signal: more than 64 watches in the process");
    });
}
