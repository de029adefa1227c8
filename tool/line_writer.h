// Lines for standard output or standard error, written by a thread of its own: a reader that is slow or stuck stops
// nobody. What waits is bounded; what does not fit, or has waited too long, is dropped, counted, and told in its place
// once the reader is back. Of lines of one kind only so many are written in a second (line_quota.h); a count follows of
// those that were left out.
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

#include <weir/base/result.h>
#include <weir/base/time.h>

#include "line_quota.h"

namespace weir_tool {

// A pipe takes whole lines or none of them, so that a reader that is stuck for ever has no partial one.
// Thread safety: any thread may put.
class line_writer {
public:
    // So many bytes may wait to be written.
    static constexpr std::size_t most_waiting = 1 << 20;
    // At the end: how long the reader may take nothing, and how long the end may take in all.
    static constexpr weir::duration longest_stall = std::chrono::seconds(1);
    static constexpr weir::duration longest_end = std::chrono::seconds(10);

    struct manner {
        std::string name;  // what `fd` is, in errors
        // A line for which there is no room after so long is dropped. Empty: lines wait as long as they fit.
        std::optional<weir::duration> longest_wait;
        // The line that stands where so many were dropped.
        std::function<std::string(std::uint64_t dropped)> gap;
        // The line that says how many lines of one kind were left out.
        std::function<std::string(const line_quota::count& left_out)> left_out;
        // Called once, on the thread of its own, when nothing can be written any more: broken_pipe when the reader is
        // gone.
        std::function<void(const weir::error& why)> failed;
    };

    // `fd` stays the caller's.
    line_writer(int fd, manner how);
    line_writer(const line_writer&) = delete;
    line_writer& operator=(const line_writer&) = delete;
    // Waits until all is written, however long that takes: finish() says whether it will.
    ~line_writer();

    // Never waits. The line ends in a line feed. After a failure, or after finish(), it is ignored.
    void put(std::string line);
    // Whether a line of this kind may be put now. False: it was counted, and needs not be made. Never waits.
    bool takes(line_kind kind);
    // Takes a last line, which always fits, and waits until everything is written, or failed. False when the reader
    // took nothing for longest_stall, or did not take all within longest_end: then the thread is stuck, and the process
    // must end without destroying this.
    bool finish(std::string last = {});

    // Lines that did not fit or waited too long, since the beginning.
    std::uint64_t dropped();
    // Lines that were left out because there were too many of their kind, since the beginning.
    std::uint64_t left_out();
    // Lines that wait, those among them that the thread is stuck with.
    std::uint64_t waiting();

private:
    struct waiting_line {
        std::string text;
        weir::time_point stale_at;
    };

    void write_them();
    void append(std::string text);
    void tell_gap();
    void tell_left_out(weir::time_point now);
    void wait_for_room(std::unique_lock<std::mutex>& hold);
    bool has_room(weir::duration longest) const noexcept;
    void wait_for_lines(std::unique_lock<std::mutex>& hold);
    std::string next_lines();
    weir::result<void> write(std::string_view lines);
    bool wait_until_done(std::unique_lock<std::mutex>& hold);

    const int fd_;
    const manner how_;

    std::mutex guard_;  // for all that follows
    std::condition_variable changed_;
    std::deque<waiting_line> lines_;
    line_quota quota_;
    std::size_t bytes_ = 0;       // of lines_, and of what is being written
    std::uint64_t in_hand_ = 0;   // lines that are being written
    std::uint64_t writes_ = 0;    // that are over
    std::uint64_t dropped_ = 0;   // in all
    std::uint64_t not_told_ = 0;  // of these; until they are told, all others are dropped too: one gap
    std::uint64_t stale_ = 0;     // dropped in front of lines_, and not told yet
    bool broken_ = false;
    bool ended_ = false;
    bool done_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace weir_tool
