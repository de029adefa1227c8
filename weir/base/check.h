// WEIR_CHECK: the programmer's mistakes, and only those. It is on in every build: it prints what was wrong and where,
// and aborts. What the outside world does (a peer, the kernel, a file) never reaches it: that is a `result`.
#pragma once

#include <source_location>
#include <string_view>

namespace [[gnu::visibility("default")]] weir {

// Prints "weir: check failed at FILE:LINE: CONDITION: MESSAGE" on standard error and aborts.
[[noreturn]] void check_failed(std::string_view condition, std::string_view message,
                               std::source_location where = std::source_location::current()) noexcept;

}  // namespace weir

// Aborts with `message` (anything a string_view is made from; evaluated only on failure) unless `condition` holds.
#define WEIR_CHECK(condition, message) \
    ((condition) ? static_cast<void>(0) : ::weir::check_failed(#condition, (message)))
