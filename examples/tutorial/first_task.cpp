// A task that waits, and a task that awaits it.
#include <weir/weir.h>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

weir::task<int> answer() {
    std::cout << "answer: begins\n";
    co_await weir::sleep(200ms);
    std::cout << "answer: continues\n";
    co_return 42;
}

weir::task<> first() {
    std::cout << "first: calls answer()\n";
    weir::task<int> asked = answer();
    std::cout << "first: awaits the task\n";
    const int number = co_await std::move(asked);
    std::cout << "first: received " << number << '\n';
}

int main() {
    std::cout << "main: calls run()\n";
    weir::run(first());
    std::cout << "main: run() has returned\n";
}
