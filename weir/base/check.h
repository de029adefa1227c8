// WEIR_CHECK detects programming mistakes. It is active in every build. When it fails, it prints the condition and its
// place, and aborts the program. An event outside the program (from a peer, the kernel, a file) never fails a check; it
// is reported as a `result`.
#pragma once

#include "weir/base/language.h"

#include <source_location>
#include <string_view>

namespace [[gnu::visibility("default")]] weir {

// Prints "weir: check failed at FILE:LINE: CONDITION: MESSAGE" on standard error and aborts. A function that checks how
// it is called has `where` as its last parameter, and passes it to this function. The default of `where` is the place
// of the call, so programs leave it out.
[[noreturn, gnu::cold]] void check_failed(std::string_view condition, std::string_view message,
                                          std::source_location where = std::source_location::current()) noexcept;

// Replaces check_failed() in operators such as `->`, which cannot have a parameter `where`. `code` is the return
// address of a call in the function that used the operator. Prints "weir: check failed at PROGRAM+OFFSET: CONDITION:
// MESSAGE", then the addr2line(1) command that converts the offset to a line, and aborts.
[[noreturn, gnu::cold]] void check_failed_in_code(std::string_view condition, std::string_view message,
                                                  const void* code) noexcept;

}  // namespace weir

// WEIR_CHECK(condition, message) or WEIR_CHECK(condition, message, where): aborts with `message` unless `condition` is
// true. `message` is anything that converts to string_view; it is evaluated only on failure. Without `where`, the
// reported place is that of the WEIR_CHECK.
#define WEIR_CHECK(condition, ...) ((condition) ? static_cast<void>(0) : ::weir::check_failed(#condition, __VA_ARGS__))
