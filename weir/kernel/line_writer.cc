#include "weir/kernel/line_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "weir/socket/clock.h"

namespace weir {

// An invalid descriptor is detected at the first write.
line_writer::line_writer(int fd, manner how)
    : fd_(::fcntl(fd, F_DUPFD_CLOEXEC, 0)), manner_(std::move(how)), thread_([this] { write_them(); }) {}

line_writer::~line_writer() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard hold(guard_);
        ended_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

void line_writer::append(std::string text) {
    bytes_ += text.size();
    const auto stale_at = manner_.longest_wait ? weir::now() + *manner_.longest_wait : time_point::max();
    lines_.push_back({std::move(text), stale_at});
}

void line_writer::put(std::string line) {
    const std::lock_guard hold(guard_);
    if (broken_ || ended_) return;
    if (unreported_ != 0 || bytes_ + line.size() > most_waiting) {
        ++dropped_;
        ++unreported_;
    } else {
        append(std::move(line));
    }
    changed_.notify_all();
}

bool line_writer::takes(line_kind kind) {
    const time_point now = weir::now();
    const std::lock_guard hold(guard_);
    if (broken_ || ended_) return false;
    report_left_out(now);
    const bool was_due = quota_.next_due() != time_point::max();
    if (quota_.takes(kind, now)) return true;
    if (!was_due) changed_.notify_all();  // the thread must wake when the count is due
    return false;
}

void line_writer::report_gap() {
    if (unreported_ != 0) append(manner_.gap(std::exchange(unreported_, 0)));
}

// While there is no room, nothing is reported and the quota continues to count. So no further lines are queued while a
// reader is stuck.
void line_writer::report_left_out(time_point now) {
    while (unreported_ == 0 && bytes_ < most_waiting) {
        const auto left_out = quota_.due(now);
        if (!left_out) return;
        append(manner_.left_out(*left_out));
    }
}

bool line_writer::finish(std::string last) {
    {
        std::unique_lock hold(guard_);
        if (!broken_ && !ended_) {
            report_gap();
            while (const auto left_out = quota_.remaining()) append(manner_.left_out(*left_out));
            if (!last.empty()) {
                append(std::move(last));
                lines_.back().stale_at = time_point::max();
            }
        }
        ended_ = true;
        changed_.notify_all();
        if (!wait_until_done(hold)) return false;
    }
    if (thread_.joinable()) thread_.join();
    return true;
}

bool line_writer::wait_until_done(std::unique_lock<std::mutex>& hold) {
    const time_point end = weir::now() + longest_end;
    while (!done_) {
        const std::uint64_t before = writes_;
        const time_point until = std::min(weir::now() + longest_stall, end);
        if (changed_.wait_until(hold, until, [&] { return done_ || writes_ != before; })) continue;
        if (until == end || !has_room(duration::zero()))
            return false;  // with room in the pipe, the reader is not stuck
    }
    return true;
}

std::uint64_t line_writer::dropped() {
    const std::lock_guard hold(guard_);
    return dropped_;
}

std::uint64_t line_writer::left_out() {
    const std::lock_guard hold(guard_);
    return quota_.left_out();
}

std::uint64_t line_writer::waiting() {
    const std::lock_guard hold(guard_);
    return lines_.size() + in_hand_;
}

// ---- on the writer's thread ----

// This thread blocks all signals. Otherwise, SIGPIPE would end the process when the reader has closed the pipe.
void line_writer::write_them() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    for (std::string lines = next_lines(); !lines.empty(); lines = next_lines()) {
        const auto written = write(lines);
        std::unique_lock hold(guard_);
        in_hand_ = 0;
        bytes_ -= std::min(bytes_, lines.size());
        ++writes_;
        changed_.notify_all();
        if (written) continue;
        broken_ = true;
        lines_.clear();
        hold.unlock();
        manner_.failed(written.error());
        break;
    }
    const std::lock_guard hold(guard_);
    done_ = true;
    changed_.notify_all();
}

void line_writer::wait_for_lines(std::unique_lock<std::mutex>& hold) {
    for (;;) {
        report_left_out(weir::now());
        if (ended_ || !lines_.empty() || unreported_ != 0) return;
        if (quota_.next_due() == time_point::max()) {
            changed_.wait(hold);
        } else {
            changed_.wait_until(hold, quota_.next_due());
        }
    }
}

// Drops lines only while there is no room. Lines that waited because this thread or the process did not run are kept.
void line_writer::wait_for_room(std::unique_lock<std::mutex>& hold) {
    for (;;) {
        const time_point now = weir::now();
        time_point until = now + *manner_.longest_wait;
        if (!lines_.empty()) until = std::min(until, lines_.front().stale_at);
        hold.unlock();
        const bool room = has_room(until - now);
        hold.lock();
        if (room) return;
        const time_point later = weir::now();
        while (!lines_.empty() && lines_.front().stale_at <= later) {
            bytes_ -= lines_.front().text.size();
            lines_.pop_front();
            ++stale_;
            ++dropped_;
        }
    }
}

bool line_writer::has_room(duration longest) const noexcept {
    if (!fd_.valid()) return true;  // write(2) returns the error
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
    pollfd watched{fd_.fd(), POLLOUT, 0};
    return ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(milliseconds, 0))) !=
           0;  // room, or an error that write(2) returns
}

// Waits for the first line. Returns as many whole lines as a pipe takes at once, but at least one; returns an empty
// text when the writer has ended.
std::string line_writer::next_lines() {
    std::unique_lock hold(guard_);
    wait_for_lines(hold);
    if (manner_.longest_wait && (!lines_.empty() || unreported_ != 0)) wait_for_room(hold);
    std::string some;
    if (stale_ != 0) {
        some = manner_.gap(std::exchange(stale_, 0));
        bytes_ += some.size();
        ++in_hand_;
    } else if (lines_.empty()) {
        report_gap();
    }
    while (!lines_.empty() && (some.empty() || some.size() + lines_.front().text.size() <= PIPE_BUF)) {
        some += lines_.front().text;
        lines_.pop_front();
        ++in_hand_;
    }
    return some;
}

result<void> line_writer::write(std::string_view lines) {
    while (!lines.empty()) {
        const auto taken = ::write(fd_.fd(), lines.data(), lines.size());
        if (taken >= 0) {
            lines.remove_prefix(static_cast<std::size_t>(taken));
        } else if (errno == EAGAIN) {  // another process may have made the file non-blocking
            pollfd watched{fd_.fd(), POLLOUT, 0};
            ::poll(&watched, 1, -1);
        } else if (errno != EINTR) {
            const auto code = errno == EPIPE ? errc::broken_pipe : errc::system;
            return error(code, manner_.name, {}, std::generic_category().message(errno), errno);
        }
    }
    return {};
}

}  // namespace weir
