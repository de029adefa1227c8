#include "weir/socket/descriptor.h"

#include <unistd.h>

#include <cerrno>

#include "weir/socket/system_error.h"

namespace weir {

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

result<void> descriptor::close() {
    if (fd_ < 0) return {};
    if (::close(release()) == 0 || errno == EINTR) return {};
    return error_of(errno, "close");
}

}  // namespace weir
