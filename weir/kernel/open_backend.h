// The backends of the system: real clock, real sockets.
#pragma once

#include <memory>

#include "weir/base/result.h"
#include "weir/loop/backend.h"

namespace [[gnu::visibility("default")]] weir {

// Opens the best backend that the system has. It never fails. Where io_uring is refused it uses epoll.
// epoll may be unavailable, too: no descriptors are left, or a filter refuses it. Then tasks can run, sleep and offload
// work, but every socket is refused with the error of open_backend(). remark() returns the reason.
std::unique_ptr<backend> system_backend();
// Opens a backend of a given kind; automatic: epoll where io_uring is refused. Tries each system call and each io_uring
// operation that a loop needs once. Errors: no_descriptors (io_uring takes four while it opens and keeps three, epoll
// two), no_memory, errc::not_permitted (a seccomp filter, the sysctl kernel.io_uring_disabled), and of io_uring
// errc::unsupported (a kernel before Linux 6.1; a build without liburing).
result<std::unique_ptr<backend>> open_backend(backend_kind which);

}  // namespace weir
