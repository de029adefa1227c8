// How large the kernel's buffers of a connection may be, so that the buffers of all connections stay below the server's
// limit. Private.
//
// Each connection gets the minimum of 144 KiB: both buffers with least_kernel_buffer_bytes and kernel_segment_bytes
// each. The part of the limit that is left, at least half of it, is divided into equal columns: one for the first
// connection, and one for each doubling of the number of open connections. The connections of a column share it:
//
//     connection      1        2        3, 4       5 to 8  ...  up to limits::connections
//     share           all      all      a half     a quarter
//
// When the k-th oldest of the open connections was opened, at least k connections were open, so its share is at most
// that of connection k. The sum therefore stays below the limit in whatever order connections open and close.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/service/limits.h"

namespace weir::internal {

// Returns the size of each of the two buffers of a new connection, as getsockopt(2) returns it. `open` is the number of
// open connections, including the new one. Returns nothing if no size has to be set: there is no limit, or the share is
// enough for two buffers whose total size grows to `grown_bytes`.
std::optional<std::size_t> kernel_buffer_share(const limits& all, std::size_t open, std::size_t grown_bytes) noexcept;

// Returns the largest total size of the two buffers of a TCP connection: the sum of the maxima in tcp_rmem and
// tcp_wmem, tcp(7). Reads them once.
std::size_t grown_kernel_buffer_bytes() noexcept;

}  // namespace weir::internal
