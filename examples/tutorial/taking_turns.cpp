// Two tasks on one thread: while one waits, the other one runs.
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

weir::task<std::thread::id> tick(std::string name, std::chrono::milliseconds pause) {
    for (int i = 1; i <= 2; ++i) {
        co_await weir::sleep(pause);
        std::cout << name << ' ' << i << '\n';
    }
    co_return std::this_thread::get_id();
}

weir::task<> both() {
    const auto [one, other] = co_await weir::when_all(tick("fast", 100ms), tick("slow", 150ms));
    std::cout << "on the same thread: " << (one == other ? "yes" : "no") << '\n';
}

int main() { weir::run(both()); }
