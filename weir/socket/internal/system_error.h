// Converts errno to an `error`: a code to branch on, and a text. This is the only table of errno values. Numbers are
// passed as int, so this file includes no system header. Private.
#pragma once

#include <string>

#include "weir/base/error.h"

namespace weir::internal {

// Returns the code for an errno value; errc::system if no other code stands for the value. ETIME, which no socket call
// of Linux returns, means that a deadline passed. ETIMEDOUT means that the kernel's own timeout expired.
// Thread safety: any thread.
errc errc_of(int number) noexcept;

// Returns the text for an errno value: the text of its code. Where several values share the code, it is the text of
// strerror(3) with the symbol in parentheses.
std::string describe_errno(int number);

// Returns the error for an errno value. `hint` is the remedy ("set option::broadcast first"), which is appended to the
// text.
error error_of(int number, std::string operation, std::string subject = {}, std::string_view hint = {});

// Returns true for the errors after which accept(2) is retried: the connection ended before it was accepted.
bool ended_before_accept(int number) noexcept;

}  // namespace weir::internal
