#include "tool/terminal/standard_output.h"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weir_tool {

standard_output::standard_output() : kind_(find_kind()) {}

standard_output::kind standard_output::find_kind() noexcept {
    if (::isatty(STDOUT_FILENO) == 1) return kind::terminal;
    struct stat found{};
    if (::fstat(STDOUT_FILENO, &found) != 0) return kind::other;
    if (S_ISREG(found.st_mode)) return kind::file;
    return S_ISFIFO(found.st_mode) ? kind::pipe : kind::other;
}

weir::result<void> standard_output::write(weir::bytes_view content) {
    pending_.append(content);
    constexpr std::size_t enough = 64 * 1024;
    return kind_ == kind::terminal || pending_.size() >= enough ? flush() : weir::result<void>();
}

bool standard_output::takes_at_once() const noexcept {
    if (pending_.empty() || broken_ || kind_ == kind::file) return true;
    pollfd watched{STDOUT_FILENO, POLLOUT, 0};
    return kind_ == kind::pipe && pending_.size() <= PIPE_BUF && ::poll(&watched, 1, 0) == 1;
}

weir::result<void> standard_output::flush() {
    while (!pending_.empty() && !broken_) {
        const auto taken = ::write(STDOUT_FILENO, pending_.data(), pending_.size());
        if (taken >= 0) {
            pending_.consume(static_cast<std::size_t>(taken));
        } else if (errno == EAGAIN) {  // another process may have made it non-blocking
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
