// What blocks the thread stops every task of its loop. The same work on another thread does not.
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

int slow_work() {
    std::this_thread::sleep_for(300ms);  // or a large file, a computation, a library that blocks
    return 42;
}

weir::task<> beat(int& beats) {
    while (auto slept = co_await weir::sleep(10ms))
        ++beats;
}

weir::task<int> wrong() { co_return slow_work(); }

weir::task<int> right() {
    auto given = co_await weir::offload(slow_work);
    co_return given ? *given : -1;
}

weir::task<> compare() {
    int beats = 0;
    const auto blocked = co_await weir::when_any(wrong(), beat(beats));
    std::cout << "on the loop: " << std::get<0>(blocked) << ", beats meanwhile: " << beats << '\n';

    beats = 0;
    const auto offloaded = co_await weir::when_any(right(), beat(beats));
    std::cout << "with offload(): " << std::get<0>(offloaded)
              << ", 5 beats or more meanwhile: " << (beats >= 5 ? "yes" : "no") << '\n';
}

int main() { weir::run(compare()); }
