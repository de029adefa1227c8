// WEIR_CHECK is for mistakes of the programmer, and only for those. It is on in every build: it prints the failed
// condition and its place, and aborts. What the outside world does (a peer, the kernel, a file) never triggers it: that
// is a `result`.
#pragma once

#include <source_location>
#include <string_view>

namespace [[gnu::visibility("default")]] weir {

// Prints "weir: check failed at FILE:LINE: CONDITION: MESSAGE" on standard error and aborts.
[[noreturn]] void check_failed(std::string_view condition, std::string_view message,
                               std::source_location where = std::source_location::current()) noexcept;

}  // namespace weir

// Aborts with `message` unless `condition` is true. `message` is anything that converts to string_view; it is evaluated
// only on failure.
#define WEIR_CHECK(condition, message) \
    ((condition) ? static_cast<void>(0) : ::weir::check_failed(#condition, (message)))
