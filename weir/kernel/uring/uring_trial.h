// Tries what a loop needs of io_uring(7) before the loop depends on it. Sometimes a ring can be set up but not used
// (seccomp filters of containers, restrictions), and a running loop cannot change its backend. Private.
#pragma once

#include "weir/base/result.h"

namespace weir::internal {

// Sets up a small ring, runs each operation once on a pair of sockets, and closes everything. This takes a few system
// calls and three descriptors. Errors name the system call, the operation and the errno: errc::not_permitted,
// errc::unsupported (also for EINVAL: Linux before 6.1), errc::no_descriptors, errc::no_memory. Thread safety: any
// thread. A filter may apply to the calling thread alone, so the result is valid only for this thread.
result<void> try_io_uring();

}  // namespace weir::internal
