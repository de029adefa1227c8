// Tries what a loop needs of io_uring(7) before one relies on it: a ring may be set up and yet not be entered (seccomp
// filters of containers, restrictions), and a loop that runs cannot change its backend any more. Private.
#pragma once

#include "weir/base/result.h"

namespace weir::internal {

// Sets up a small ring, runs each operation once on a pair of sockets, and takes all of it down again: a few system
// calls, four descriptors for that time. Errors name the system call, the operation and the errno: errc::not_permitted,
// errc::unsupported (also for EINVAL: Linux before 6.1), errc::no_descriptors, errc::no_memory. Thread safety: any
// thread; a filter may be one of the calling thread alone.
result<void> try_io_uring();

}  // namespace weir::internal
