// gcc12: g++ 12.2 destroys a temporary aggregate in a co_await expression twice.
#include <weir/weir.h>

#include <iostream>

struct parcel {  // counts its existing objects
    parcel() { ++living; }
    parcel(const parcel&) { ++living; }
    ~parcel() { --living; }
    static inline int living = 0;
};
struct order {
    parcel content;
    bool urgent;
};
weir::task<> ship(order) { co_return; }

weir::task<> wrong() {
    co_await ship(order{.content = {}, .urgent = true});
    std::cout << parcel::living << " left\n";
}

weir::task<> right() {
    const order urgent{.content = {}, .urgent = true};
    co_await ship(urgent);
    std::cout << parcel::living << " left\n";
}

int main(int count, char**) { weir::run(count == 1 ? wrong() : right()); }
