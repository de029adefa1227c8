// Reads messages from lines of hex digits; spaces and tabs are allowed. Converts digits as they arrive, so that a line
// needs no memory beyond the memory of its message.
#pragma once

#include <cstdint>
#include <string>

#include <weir/base/buffer.h>

namespace weir_tool {

// A line ends at LF or CR LF; the last line may have no end. Thread safety: one thread at a time.
class hex_lines {
public:
    enum kind { message, more, end, broken };

    // `limit` is the largest message in bytes. For a message that is much larger, next() returns `broken`.
    explicit hex_lines(std::uint64_t limit) : most_(limit < UINT64_MAX / 4 ? 2 * limit + 512 : UINT64_MAX) {}

    // The bytes must stay valid until next() returns `more`.
    void feed(weir::bytes_view input) { input_ = input; }
    void finish() { is_finished_ = true; }
    // Do not call it after `broken`.
    kind next();

    // The message, if next() has returned `message`; valid until the next call. It may be moved from.
    weir::buffer& content() noexcept { return content_; }
    // The reason, if next() has returned `broken`.
    std::string why() const;

private:
    void take(char next);
    void begin_line();
    kind end_line();

    const std::uint64_t most_;
    weir::bytes_view input_;
    bool is_finished_ = false;
    bool is_told_ = false;  // the line in content_ was returned

    // State of the current line.
    weir::buffer content_;
    std::string shown_;    // its beginning, for why()
    bool is_odd_ = false;  // high_ has half a byte
    unsigned high_ = 0;
    bool has_cr_ = false;  // the last character is CR, which may belong to the line end
    bool is_empty_ = true;
    bool is_wrong_ = false;
};

}  // namespace weir_tool
