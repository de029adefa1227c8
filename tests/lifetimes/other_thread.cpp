// Another thread uses an object that belongs to a loop.
#include <weir/weir.h>

#include <iostream>
#include <thread>

weir::task<> wrong() {
    std::thread other([] { std::cout << weir::loop::current().turns() << '\n'; });
    other.join();
    co_return;
}

weir::task<> right() {
    weir::queue<int> numbers(1);
    const weir::remote back = weir::loop::current().from_elsewhere();
    std::thread other([back, &numbers] {
        back.post([&numbers] { static_cast<void>(numbers.try_push(42)); });  // runs on the loop's thread
    });
    auto number = co_await numbers.pop();
    other.join();  // so numbers exists until the thread has ended
    std::cout << *number << '\n';
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
