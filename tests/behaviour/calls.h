// The calls of the table, and their outcomes in words.
#pragma once

#include <span>
#include <string>

#include "tests/behaviour/states.h"

namespace behaviour {

struct call {
    const char* name;
    bool can_wait;  // takes a deadline
    std::string (*make)(network& on, const scene& at, weir::deadline until);
};

std::span<const call> calls();

inline constexpr std::string_view waits = "waits";

}  // namespace behaviour
