// Connecting to several addresses at once, as RFC 8305 ("Happy Eyeballs") says. Private.
#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/socket.h"

namespace weir {

// RFC 8305 section 5: how long an attempt is given before the next one begins beside it.
inline constexpr duration connection_attempt_delay = std::chrono::milliseconds(250);

// Section 4: the families take turns, the family of the first address begins; within one the order stays.
std::vector<address> interleaved(std::span<const address> peers);

// The first connection that stands, blocking; the other attempts are closed. Or what became of each attempt, in the
// order in which they failed; one that the deadline ended has errc::timed_out. Thread safety: any thread.
struct race_outcome {
    socket winner;
    std::vector<error> failures;
};
race_outcome race(std::span<const address> peers, deadline until);

// One error for all that failed: the only one, or one that tells of each, with the code of the last.
error tell_all(std::string_view text, const std::vector<error>& failures);

}  // namespace weir
