// A channel outlives its loop.
#include <weir/weir.h>

#include <iostream>

weir::task<weir::channel> connected() {
    auto [here, there] = weir::stream_pair();
    weir::channel one(std::move(here), weir::framing::lines());
    co_return std::move(one);
}

int wrong() {
    weir::channel kept = weir::run(connected());  // the loop of run() ends here
    return kept.queued_bytes() == 0 ? 0 : 1;
}

int right() {
    weir::loop here(weir::system_backend());
    weir::channel kept = here.run(connected());  // destroyed before its loop
    std::cout << kept.queued_bytes() << '\n';
    return 0;
}

int main(int count, char**) { return count == 1 ? wrong() : right(); }
