#include "tool/terminal/standard_input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weir_tool {

standard_input::standard_input() {
    // If pipe2() fails, reading still works, but a stop takes effect only when the next bytes arrive.
    if (::pipe2(wake_.data(), O_CLOEXEC | O_NONBLOCK) != 0) wake_ = {-1, -1};
}

standard_input::~standard_input() {
    for (const int fd : wake_) {
        if (fd >= 0) ::close(fd);
    }
}

weir::result<std::size_t> standard_input::read(std::span<std::byte> into) {
    while (wait()) {
        const auto came = ::read(STDIN_FILENO, into.data(), into.size());
        if (came >= 0) return static_cast<std::size_t>(came);
        if (errno == EINTR || errno == EAGAIN) continue;  // another process may have made it non-blocking
        return weir::error(weir::errc::system, "standard input", {}, std::generic_category().message(errno), errno);
    }
    return weir::error(weir::errc::cancelled, "standard input");
}

// Waits until there is something to read. Returns false when standard input must not be read any more.
bool standard_input::wait() noexcept {
    while (!stopped_) {
        std::array<pollfd, 2> watched{{{STDIN_FILENO, POLLIN, 0}, {wake_[0], POLLIN, 0}}};
        const bool at_once = waiting_is_over_;
        const int ready = ::poll(watched.data(), at_once ? 1 : 2, at_once ? 0 : -1);
        if (stopped_) return false;
        if (ready > 0 && watched[0].revents != 0) return true;
        if (at_once && ready >= 0) return false;
    }
    return false;
}

void standard_input::only_what_is_there() noexcept {
    waiting_is_over_ = true;
    stopped_ = false;
}

bool standard_input::has_something() noexcept {
    pollfd watched{STDIN_FILENO, POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

bool standard_input::is_terminal() noexcept { return ::isatty(STDIN_FILENO) == 1; }

void standard_input::stop() noexcept {
    stopped_ = true;
    wake();
}

void standard_input::stop_waiting() noexcept {
    waiting_is_over_ = true;
    wake();
}

void standard_input::wake() const noexcept {
    constexpr char any = 0;
    [[maybe_unused]] const auto written = ::write(wake_[1], &any, 1);  // a full pipe ends the wait, too
}

}  // namespace weir_tool
