// Connects to several addresses at once, RFC 8305 ("Happy Eyeballs"). Private.
#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/socket.h"

namespace weir::internal {

// RFC 8305 section 5: if an attempt has not succeeded after this time, the next one starts beside it.
inline constexpr duration connection_attempt_delay = std::chrono::milliseconds(250);

// Section 4: the families alternate, beginning with the family of the first address. Within a family the order is kept.
std::vector<address> interleaved(std::span<const address> peers);

// Blocks and returns the first established connection; the other attempts are closed. If all attempts fail, it returns
// the error of each one, in the order of failure. errc::timed_out: the deadline ended the attempt. Thread safety: any
// thread.
struct race_outcome {
    socket winner;
    std::vector<error> failures;
};
race_outcome race(std::span<const address> peers, deadline until);

// Returns one error for all failed attempts: the only error, or an error that lists each one and has the code of the
// last.
error combined_error(std::string_view text, const std::vector<error>& failures);

}  // namespace weir::internal
