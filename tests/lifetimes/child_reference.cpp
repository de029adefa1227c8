// asan: A child task refers to a variable of the task that spawned it, and outlives that task.
#include <weir/weir.h>

#include <iostream>

weir::task<> say_later(const std::string& words) {
    co_await weir::sleep(std::chrono::milliseconds(1));
    std::cout << words << '\n';
}

weir::task<> spawn_wrong(weir::scope& children) {
    const std::string words = "words that are too long to lie in the string itself";
    children.spawn(say_later(words));
    co_return;  // words is destroyed; the child still runs
}
weir::task<> wrong() {
    auto ended = co_await weir::in_scope(spawn_wrong);
    if (!ended) std::cout << ended.error().message() << '\n';
}

weir::task<> spawn_right(weir::scope& children, const std::string& words) {
    children.spawn(say_later(words));
    co_return;
}
weir::task<> right() {
    const std::string words = "words that are too long to lie in the string itself";  // outlives the scope
    auto ended = co_await weir::in_scope(spawn_right, std::cref(words));
    if (!ended) std::cout << ended.error().message() << '\n';
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
