// Accepts connections and keeps them, to measure the cost of an idle connection.
#include <vector>

#include "bench/echo/arguments.h"

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    const int listening = bench::listen_by_hand(how.port, 0);
    std::vector<int> kept;
    for (;;) {
        const int made = ::accept(listening, nullptr, nullptr);
        if (made >= 0) kept.push_back(made);
    }
}
