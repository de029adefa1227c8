// One task is awaited twice.
#include <weir/weir.h>

#include <iostream>

weir::task<int> answer() { co_return 42; }

weir::task<> wrong() {
    auto asked = answer();
    std::cout << co_await std::move(asked) << '\n';
    std::cout << co_await std::move(asked) << '\n';
}

weir::task<> right() {
    const int given = co_await answer();
    std::cout << given << ", " << given << '\n';
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
