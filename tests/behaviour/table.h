// The table "what each call returns in each state": measured on an implementation, and written as docs/behaviour.md and
// docs/behaviour.zh-CN.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "tests/behaviour/network.h"
#include "tests/behaviour/words.h"

namespace behaviour {

// What a call returned in a state, blocking or not. `A, then B`: the first call returned A, and the next one B.
// The text is empty if the implementation has no such state.
using place = std::tuple<std::string_view, std::string_view, bool>;  // call, state, blocking
using outcomes = std::map<place, std::string>;

// Makes every call in every state, which is set up anew for each call. A blocking call is made with a deadline. If the
// call does not wait, it is also made without a deadline. If the two outcomes differ, the text contains both.
outcomes measure(network& on);

// Returns the text of docs/behaviour.md, or of docs/behaviour.zh-CN.md. In place of an outcome that the kernel decides,
// the page says that the kernel decides it.
std::string write_table(const outcomes& ipv4, const outcomes& ipv6, const outcomes& local,
                        language written = language::english);

}  // namespace behaviour
