// errno as an `error`: the code to branch on, and words for a person. The only table of errno values; it includes no
// system header itself, numbers are passed as int.
#pragma once

#include <string>

#include "weir/base/error.h"

namespace [[gnu::visibility("default")]] weir {

// The code for an errno value; errc::system for one that has none of its own. ETIME, which no socket call of Linux
// gives, stands for a deadline that passed; ETIMEDOUT is the kernel giving up on the peer. Thread safety: any thread.
errc errc_of(int number) noexcept;

// The words for an errno value: those of its code, or the system's own (strerror(3)) where the code is shared by
// several; the symbol in parentheses then.
std::string describe_errno(int number);

// The error for an errno value. `hint` says what to do about it ("set option::broadcast first"), appended to the words.
error error_of(int number, std::string operation, std::string subject = {}, std::string_view hint = {});

// The errors after which accept(2) says to try again: the connection had ended before it was taken.
bool ended_before_accept(int number) noexcept;

}  // namespace weir
