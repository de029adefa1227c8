// WEIR_CHECK is only for mistakes of the programmer. It is on in every build: it prints the failed condition and its
// place, and aborts. An event outside the program (from a peer, the kernel, a file) never triggers it; it is reported
// as a `result`.
#pragma once

#include "weir/base/language.h"

#include <source_location>
#include <string_view>

namespace [[gnu::visibility("default")]] weir {

// Prints "weir: check failed at FILE:LINE: CONDITION: MESSAGE" on standard error and aborts. A function that checks for
// a mistake of its caller has a last parameter `where`, whose default is the place of the call, and passes it on.
// Programs leave it out.
[[noreturn, gnu::cold]] void check_failed(std::string_view condition, std::string_view message,
                                          std::source_location where = std::source_location::current()) noexcept;

// For operators, such as `->`, which cannot have that parameter. `code` is the return address of a call in the function
// that used the operator. Prints "weir: check failed at PROGRAM+OFFSET: CONDITION: MESSAGE", then the command that
// converts the offset to a line, addr2line(1), and aborts.
[[noreturn, gnu::cold]] void check_failed_in_code(std::string_view condition, std::string_view message,
                                                  const void* code) noexcept;

}  // namespace weir

// WEIR_CHECK(condition, message) or WEIR_CHECK(condition, message, where): aborts with `message` unless `condition` is
// true. `message` is anything that converts to string_view; it is evaluated only on failure. Without `where` the place
// is that of the WEIR_CHECK.
#define WEIR_CHECK(condition, ...) ((condition) ? static_cast<void>(0) : ::weir::check_failed(#condition, __VA_ARGS__))
