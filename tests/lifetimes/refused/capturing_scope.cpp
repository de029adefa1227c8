// The body of a scope is a lambda that captures.
#include <weir/weir.h>

weir::task<> pause(int seconds) { co_await weir::sleep(std::chrono::seconds(seconds)); }

weir::task<> main_task(int seconds) {
#ifdef WRONG
    const auto body = [seconds](weir::scope& children) -> weir::task<> {
        children.spawn(pause(seconds));
        co_return;
    };
    auto ended = co_await weir::in_scope(body);
#else
    const auto body = [](weir::scope& children, int time) -> weir::task<> {
        children.spawn(pause(time));
        co_return;
    };
    auto ended = co_await weir::in_scope(body, seconds);
#endif
    if (!ended) ended.error().print();
}

int main() { weir::run(main_task(1)); }
