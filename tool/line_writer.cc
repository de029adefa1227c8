#include "line_writer.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace weir_tool {

line_writer::line_writer(int fd, std::string_view name, gap_line gap, on_failure failed)
    : fd_(fd), name_(name), gap_(std::move(gap)), failed_(std::move(failed)), thread_([this] { write_them(); }) {}

line_writer::~line_writer() {
    if (thread_.joinable()) [[maybe_unused]]
        const bool written = finish(weir::deadline::never());
}

void line_writer::put(std::string line) {
    const std::lock_guard hold(guard_);
    if (broken_ || ended_) return;
    if (not_told_ != 0 || bytes_ + line.size() > most_waiting) {
        ++dropped_;
        ++not_told_;
    } else {
        bytes_ += line.size();
        lines_.push_back(std::move(line));
    }
    changed_.notify_all();
}

void line_writer::tell_gap() {
    if (not_told_ == 0) return;
    lines_.push_back(gap_(std::exchange(not_told_, 0)));
    bytes_ += lines_.back().size();
}

bool line_writer::finish(weir::deadline until, std::string last) {
    {
        std::unique_lock hold(guard_);
        if (!broken_ && !ended_ && !last.empty()) {
            tell_gap();
            bytes_ += last.size();
            lines_.push_back(std::move(last));
        }
        ended_ = true;
        changed_.notify_all();
        const auto is_done = [&] { return done_; };
        if (until.is_never()) {
            changed_.wait(hold, is_done);
        } else if (!changed_.wait_until(hold, until.at(), is_done)) {
            return false;
        }
    }
    if (thread_.joinable()) thread_.join();
    return true;
}

std::uint64_t line_writer::dropped() {
    const std::lock_guard hold(guard_);
    return dropped_;
}

std::uint64_t line_writer::waiting() {
    const std::lock_guard hold(guard_);
    return lines_.size() + in_hand_;
}

// ---- on the thread of its own ----

void line_writer::write_them() {
    for (std::string lines = next_lines(); !lines.empty(); lines = next_lines()) {
        const auto written = write(lines);
        std::unique_lock hold(guard_);
        in_hand_ = 0;
        bytes_ -= std::min(bytes_, lines.size());
        if (written) continue;
        broken_ = true;
        lines_.clear();
        hold.unlock();
        failed_(written.error());
        break;
    }
    const std::lock_guard hold(guard_);
    done_ = true;
    changed_.notify_all();
}

// As many whole lines as a pipe takes at once, but at least one. Waits for the first; none at the end.
std::string line_writer::next_lines() {
    std::unique_lock hold(guard_);
    changed_.wait(hold, [&] { return ended_ || !lines_.empty() || not_told_ != 0; });
    if (lines_.empty()) tell_gap();
    std::string some;
    while (!lines_.empty() && (some.empty() || some.size() + lines_.front().size() <= PIPE_BUF)) {
        some += lines_.front();
        lines_.pop_front();
        ++in_hand_;
    }
    return some;
}

weir::result<void> line_writer::write(std::string_view lines) {
    while (!lines.empty()) {
        const auto taken = ::write(fd_, lines.data(), lines.size());
        if (taken >= 0) {
            lines.remove_prefix(static_cast<std::size_t>(taken));
        } else if (errno == EAGAIN) {  // somebody else may have made it non-blocking
            pollfd watched{fd_, POLLOUT, 0};
            ::poll(&watched, 1, -1);
        } else if (errno != EINTR) {
            const auto code = errno == EPIPE ? weir::errc::broken_pipe : weir::errc::system;
            return weir::error(code, name_, {}, std::generic_category().message(errno), errno);
        }
    }
    return {};
}

}  // namespace weir_tool
