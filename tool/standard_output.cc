#include "standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weir_tool {

standard_output::standard_output() : shown_at_once_(::isatty(STDOUT_FILENO) == 1) {}

weir::result<void> standard_output::write(weir::bytes_view content) {
    pending_.append(content);
    return written();
}

weir::result<void> standard_output::written() {
    constexpr std::size_t enough = 64 * 1024;
    return shown_at_once_ || pending_.size() >= enough ? flush() : weir::result<void>();
}

weir::result<void> standard_output::flush() {
    while (!pending_.empty() && !broken_) {
        const auto taken = ::write(STDOUT_FILENO, pending_.data(), pending_.size());
        if (taken >= 0) {
            pending_.consume(static_cast<std::size_t>(taken));
        } else if (errno == EAGAIN) {  // somebody else may have made it non-blocking
            pollfd watched{STDOUT_FILENO, POLLOUT, 0};
            ::poll(&watched, 1, -1);
        } else if (errno != EINTR) {
            broken_ = true;
            pending_.release();
            const auto code = errno == EPIPE ? weir::errc::broken_pipe : weir::errc::system;
            return weir::error(code, "standard output", {}, std::generic_category().message(errno), errno);
        }
    }
    pending_.truncate(broken_ ? 0 : pending_.size());
    if (broken_) return weir::error(weir::errc::broken_pipe, "standard output");
    return {};
}

}  // namespace weir_tool
