// Lines for standard output or standard error, written by a thread of its own: a reader that is slow or stuck stops
// nobody. What waits is bounded; what does not fit is dropped, counted, and told in its place once the reader is back.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <weir/base/result.h>
#include <weir/base/time.h>

namespace weir_tool {

// A pipe takes whole lines or none of them, so that a reader that is stuck for ever has no torn one.
// Thread safety: any thread may put.
class line_writer {
public:
    // So many bytes may wait to be written.
    static constexpr std::size_t most_waiting = 1 << 20;

    // The line that stands where so many were dropped.
    using gap_line = std::function<std::string(std::uint64_t dropped)>;
    // Called once, on the thread of its own, when nothing can be written any more: broken_pipe when the reader is gone.
    using on_failure = std::function<void(const weir::error& why)>;

    // `fd` stays the caller's; `name` says in errors what it is.
    line_writer(int fd, std::string_view name, gap_line gap, on_failure failed);
    line_writer(const line_writer&) = delete;
    line_writer& operator=(const line_writer&) = delete;
    // Waits until all is written, however long that takes: finish() says whether it will.
    ~line_writer();

    // Never waits. The line ends in a line feed. After a failure, or after finish(), it is ignored.
    void put(std::string line);
    // Takes a last line, which always fits, and waits until everything is written, or failed. False when the time was up before: then the thread is stuck, and the
    // process must end without destroying this.
    bool finish(weir::deadline until, std::string last = {});

    // Lines that did not fit, since the beginning.
    std::uint64_t dropped();
    // Lines that wait, those among them that the thread is stuck with.
    std::uint64_t waiting();

private:
    void write_them();
    void tell_gap();
    std::string next_lines();
    weir::result<void> write(std::string_view lines);

    const int fd_;
    const std::string name_;
    const gap_line gap_;
    const on_failure failed_;

    std::mutex guard_;  // for all that follows
    std::condition_variable changed_;
    std::deque<std::string> lines_;
    std::size_t bytes_ = 0;       // of lines_, and of what is being written
    std::uint64_t in_hand_ = 0;   // lines that are being written
    std::uint64_t dropped_ = 0;   // in all
    std::uint64_t not_told_ = 0;  // of these; until they are told, all others are dropped too: one gap
    bool broken_ = false;
    bool ended_ = false;
    bool done_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace weir_tool
