// Standard output with a buffer that the caller empties before it waits for anything. On a terminal each write is shown
// at once.
#pragma once

#include <weir/base/buffer.h>
#include <weir/base/result.h>

namespace weir_tool {

// After a failure everything that follows fails too, at once. Thread safety: one thread at a time.
class standard_output {
public:
    standard_output();

    weir::result<void> write(weir::bytes_view content);
    // errc::broken_pipe when the reader is gone; else errc::system with the system's words.
    weir::result<void> flush();
    // For those who encode into it; flush() afterwards.
    weir::buffer& pending() noexcept { return pending_; }
    bool is_terminal() const noexcept { return kind_ == kind::terminal; }
    // Whether flush() would not wait now: a file, or a pipe with room for what is little enough to be taken whole,
    // pipe(7).
    bool takes_at_once() const noexcept;

private:
    enum class kind { file, pipe, terminal, other };
    static kind find_kind() noexcept;

    kind kind_;
    bool broken_ = false;
    weir::buffer pending_;
};

}  // namespace weir_tool
