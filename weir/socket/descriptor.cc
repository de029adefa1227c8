#include "weir/socket/descriptor.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "weir/socket/internal/system_error.h"

namespace weir {

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

result<void> descriptor::close() {
    if (fd_ < 0) return {};
    if (::close(release()) == 0 || errno == EINTR) return {};
    return internal::error_of(errno, "close");
}

std::uint64_t allow_most_descriptors() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

}  // namespace weir
