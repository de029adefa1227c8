// How large the kernel's buffers of a connection may be, so that the buffers of all connections stay below the server's
// limit. Private.
//
// Each connection has the least size. The rest of the limit, half of it at least, is divided into equal columns: one
// for each doubling of the number of open connections. The connections of a column share it:
//
//     connection      1        2        3, 4       5 to 8  ...  up to limits::connections
//     has of column   all      all      a half     a quarter
//
// The oldest of n open connections was at most the first, the next at most the second, and so on. So the sum holds in
// whatever order connections open and close.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/service/limits.h"

namespace weir::internal {

// Returns the size of each of the two buffers, as getsockopt() returns it (socket(7)), for the connection that makes
// the number of open ones `open`. Empty: no size is set. Then there is no limit, or the share is enough for buffers
// that the kernel has let grow to `grown_bytes` together.
std::optional<std::size_t> kernel_buffer_share(const limits& all, std::size_t open, std::size_t grown_bytes) noexcept;

// Returns the bytes to which the kernel lets the two buffers of a TCP connection grow together: the maxima of tcp_rmem
// and tcp_wmem, tcp(7). Reads them once.
std::size_t grown_kernel_buffer_bytes() noexcept;

}  // namespace weir::internal
