// The table "what each call returns in each state": measured on an implementation, and written as docs/behaviour.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "tests/behaviour/network.h"

namespace behaviour {

// What a call said, blocking or not, when it was made in a state: its outcome, and `, then` that of the same call made
// again where that differs. Empty where the implementation has no such state.
using place = std::tuple<std::string_view, std::string_view, bool>;  // call, state, blocking
using outcomes = std::map<place, std::string>;

// Makes every call in every state; each in a state of its own. A blocking call is made with a deadline, and unless it
// waits once more without: an outcome that depends on that says so.
outcomes measure(network& on);

// docs/behaviour.md. Places whose outcome the kernel or the clock decides are not pinned: they say why.
std::string write_table(const outcomes& ipv4, const outcomes& ipv6, const outcomes& local);

}  // namespace behaviour
