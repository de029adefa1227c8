// The limits of a channel: memory and time. All limits of a server are in weir/service/limits.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// The limits of one channel. An empty optional means no limit. The class is not an aggregate because g++ 12 destroys
// temporary aggregates twice in a co_await. Thread safety: a value.
class channel_limits {
public:
    channel_limits() noexcept = default;

    // When this many bytes of output are queued, send() waits until the queue has fallen to low_water_bytes.
    std::optional<std::size_t> high_water_bytes = 256 * 1024;
    // The number of queued bytes at which a waiting send() continues; at most high_water_bytes.
    std::size_t low_water_bytes = 64 * 1024;
    // The channel ends with errc::timed_out when the peer takes no byte of a send for this long. The channel checks
    // this at intervals of a quarter of this time, so it may end up to a quarter later. A byte counts as taken when the
    // peer's kernel has acknowledged it: over TCP in steps of the peer's receive buffer, over a Unix socket when the
    // peer has read a whole piece (some 100 KiB).
    std::optional<duration> stalled_send = std::chrono::seconds(30);
    // The longest time until the first message is complete. At this limit receiving ends with errc::timed_out. This
    // limit and the next two count only the time during which a task waits in receive().
    std::optional<duration> first_message;
    // The longest time from the first byte of a message to its last byte. At this limit receiving ends with
    // errc::timed_out.
    std::optional<duration> whole_message;
    // The longest time without a byte in either direction. At this limit receiving ends with errc::timed_out.
    std::optional<duration> idle;
    // How many bytes of input the closing channel reads and drops. The last read may exceed this number.
    std::optional<std::uint64_t> linger_bytes = 1 << 20;
    // How long the closing channel waits, after everything was sent, until the peer closes, too.
    std::optional<duration> linger_time = std::chrono::seconds(2);

    // Returns what is wrong, with the name of the limit, or an empty text. Making a channel or a server with wrong
    // limits fails a WEIR_CHECK, so call this function first when limits come from a file or a user.
    std::string_view problem() const noexcept;
};

}  // namespace weir
