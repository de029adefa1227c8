// What the lessons share: a call that must succeed, a statement that must hold, and a patient look at the kernel. A
// program of one's own returns the error instead of leaving (`if (!sent) return sent.error().print();`); here the calls
// themselves are to be seen.
#pragma once

#include <weir/weir.h>

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <type_traits>
#include <utility>

// The value; or the error is printed and the program ends with 1.
template <class T>
T must(weir::result<T> done) {
    if (!done) std::exit(done.error().print());
    if constexpr (!std::is_void_v<T>) return std::move(*done);
}

// Prints the sentence if it holds; or says that it does not, and the program ends with 1.
inline void show(bool holds, std::string_view sentence) {
    if (!holds) {
        std::cout << "NOT SO: " << sentence << std::endl;
        std::exit(1);
    }
    std::cout << sentence << '\n';
}

// True as soon as `agreed()` is; false after ten seconds. What was sent needs a moment to arrive.
template <class Agreed>
bool eventually(Agreed agreed) {
    const auto until = weir::within(std::chrono::seconds(10));
    while (!agreed()) {
        if (until.passed(weir::now())) return false;
    }
    return true;
}
