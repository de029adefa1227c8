// Opens a backend with the real clock and the real sockets of the system.
#pragma once

#include <memory>

#include "weir/base/result.h"
#include "weir/loop/backend.h"

namespace [[gnu::visibility("default")]] weir {

// Opens the best backend that the system has. It never fails. Where io_uring is refused, it uses epoll. If epoll is
// unavailable, too (no descriptors are left, or a filter refuses it), tasks can still run, sleep and offload work.
// Every socket is then refused with the error of open_backend(). backend::remark() returns the reason.
std::unique_ptr<backend> system_backend();
// Opens a backend of the given kind; `automatic` uses epoll where io_uring is refused. First it tries each system call
// and each io_uring operation that a loop needs. Errors: no_descriptors (io_uring needs three, epoll two); no_memory;
// not_permitted (a seccomp filter, or the sysctl kernel.io_uring_disabled); for io_uring also unsupported (a kernel
// before Linux 6.1, or a build without liburing).
result<std::unique_ptr<backend>> open_backend(backend_kind which);

}  // namespace weir
