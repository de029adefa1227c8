// asan: Work on a helper thread writes to a variable of a task that was cancelled.
#include <weir/weir.h>

#include <iostream>
#include <thread>

weir::task<> count_wrong() {
    std::vector<int> counted(1000);
    const auto work = [&counted] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        counted[999] = 1;
    };
    static_cast<void>(co_await weir::offload(work));
}
weir::task<> wrong() {
    const auto late = weir::loop::current().now() + std::chrono::milliseconds(1);
    auto done = co_await weir::with_deadline(count_wrong(), late);  // the task is destroyed, the work still runs
    if (!done) std::cout << done.error().message() << '\n';
    co_await weir::sleep(std::chrono::milliseconds(200));
}

weir::task<> count_right() {
    const auto counted = std::make_shared<std::vector<int>>(1000);
    const auto work = [counted] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        (*counted)[999] = 1;
    };
    static_cast<void>(co_await weir::offload(work));
}
weir::task<> right() {
    const auto late = weir::loop::current().now() + std::chrono::milliseconds(1);
    auto done = co_await weir::with_deadline(count_right(), late);
    if (!done) std::cout << done.error().message() << '\n';
    co_await weir::sleep(std::chrono::milliseconds(200));
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
