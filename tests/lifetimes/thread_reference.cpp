// serves: A handler that runs on several threads gets a plain reference.
#include <weir/weir.h>

#include <atomic>

weir::task<> count_wrong(weir::channel client, int& count) {
    while (auto message = co_await client.receive())
        ++count;
}

int wrong() {
    weir::serve_options how;
    how.threads = 2;
    int count = 0;
    return weir::serve("127.0.0.1:0", weir::framing::lines(), how, count_wrong, std::ref(count));
}

weir::task<> count_right(weir::channel client, std::atomic<int>& count) {
    while (auto message = co_await client.receive())
        ++count;
}

int right() {
    weir::serve_options how;
    how.threads = 2;
    std::atomic<int> count = 0;
    return weir::serve("127.0.0.1:0", weir::framing::lines(), how, count_right, weir::shared(count));
}

int main(int count, char**) { return count == 1 ? wrong() : right(); }
