// Writes lines to standard output or standard error on a thread of its own, so that a slow or stuck reader blocks no
// other thread. The queue is bounded. A line that does not fit, or has waited too long, is dropped and counted. Once
// the reader continues, a line with their number replaces the dropped lines. The number of lines of one kind in a
// second is limited (line_quota.h). A further line tells how many were left out.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/descriptor.h"

#include "weir/kernel/line_quota.h"

namespace [[gnu::visibility("default")]] weir {

// Writes lines on a thread of its own. A pipe takes each write in full or not at all, unless a line is longer than
// PIPE_BUF. So a reader that is stuck forever gets no partial line. Thread safety: any thread, except for finish() and
// the destructor.
class line_writer {
public:
    // The most bytes that may wait to be written.
    static constexpr std::size_t most_waiting = 1 << 20;
    // The time limits of finish(). It gives up when the reader has taken nothing for longest_stall, or after
    // longest_end in all.
    static constexpr duration longest_stall = std::chrono::seconds(1);
    static constexpr duration longest_end = std::chrono::seconds(10);

    // The settings of a writer.
    struct manner {
        std::string name;  // the name of `fd` in errors
        // A line is dropped when it has waited this long and `fd` still has no room. Without a value, lines wait
        // without a time limit.
        std::optional<duration> longest_wait;
        // Returns the line that replaces dropped ones.
        std::function<std::string(std::uint64_t dropped)> gap;
        // Returns the line that reports how many lines of one kind were left out.
        std::function<std::string(const line_quota::count& left_out)> left_out;
        // Called once, on the writer's thread, when writing has failed. The error is broken_pipe when the reader has
        // closed the pipe.
        std::function<void(const error& why)> failed;
    };

    // Writes to a duplicate of `fd`, so the caller may close `fd`.
    line_writer(int fd, manner how);
    line_writer(const line_writer&) = delete;
    line_writer& operator=(const line_writer&) = delete;
    // Waits until everything is written, without a time limit. Call finish() first: it returns false when the reader is
    // stuck.
    ~line_writer();

    // Queues a line, which must end in a line feed. Never waits. After a failure or after finish(), the line is
    // ignored.
    void put(std::string line);
    // Returns whether a line of this kind may be put now. If not, the caller need not make the line: it is counted as
    // left out, or the writer has failed or finished. Never waits.
    bool takes(line_kind kind);
    // Queues a last line, which always fits, and waits until everything is written or writing has failed. Returns false
    // when the reader took nothing for longest_stall, or did not take everything within longest_end. The thread is then
    // stuck: end the process without destroying this object.
    bool finish(std::string last = {});

    // Returns the number of lines that were dropped since the beginning, because they did not fit or waited too long.
    std::uint64_t dropped();
    // Returns the number of lines that were left out since the beginning, because there were too many of their kind.
    std::uint64_t left_out();
    // Returns the number of lines that wait, including those that the thread is writing.
    std::uint64_t waiting();

private:
    struct queued_line {
        std::string text;
        time_point stale_at;
    };

    void write_them();
    void append(std::string text);
    void report_gap();
    void report_left_out(time_point now);
    void wait_for_room(std::unique_lock<std::mutex>& hold);
    bool has_room(duration longest) const noexcept;
    void wait_for_lines(std::unique_lock<std::mutex>& hold);
    std::string next_lines();
    result<void> write(std::string_view lines);
    bool wait_until_done(std::unique_lock<std::mutex>& hold);

    const descriptor fd_;
    const manner manner_;

    std::mutex guard_;  // guards all members below
    std::condition_variable changed_;
    std::deque<queued_line> lines_;
    line_quota quota_;
    std::size_t bytes_ = 0;         // of lines_, and of the lines being written
    std::uint64_t in_hand_ = 0;     // lines that are being written
    std::uint64_t writes_ = 0;      // completed writes
    std::uint64_t dropped_ = 0;     // lines dropped since the beginning
    std::uint64_t unreported_ = 0;  // dropped and not reported; until the report, new lines are dropped, too
    std::uint64_t stale_ = 0;       // dropped from the front of lines_ and not reported
    bool broken_ = false;
    bool ended_ = false;
    bool done_ = false;
    std::thread thread_;  // declared last, because it uses the other members
};

}  // namespace weir
