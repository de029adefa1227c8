// Standard output with a buffer. The caller must flush the buffer before waiting for anything. On a terminal each write
// is shown at once.
#pragma once

#include <weir/base/buffer.h>
#include <weir/base/result.h>

namespace weir_tool {

// After a failure, every later call fails at once. Thread safety: one thread at a time.
class standard_output {
public:
    standard_output();

    weir::result<void> write(weir::bytes_view content);
    // Errors: broken_pipe when the reader has closed the pipe; otherwise system, with the system's text.
    weir::result<void> flush();
    // The buffer, for a caller that encodes into it; call flush() afterwards.
    weir::buffer& pending() noexcept { return pending_; }
    bool is_terminal() const noexcept { return kind_ == kind::terminal; }
    // True when flush() would not wait now: for a file, or for a pipe with room if the data is small enough to be taken
    // whole, pipe(7).
    bool takes_at_once() const noexcept;

private:
    enum class kind { file, pipe, terminal, other };
    static kind find_kind() noexcept;

    kind kind_;
    bool broken_ = false;
    weir::buffer pending_;
};

}  // namespace weir_tool
