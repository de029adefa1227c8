// Messages as lines of hex digits, spaces and tabs allowed. The digits become bytes as they come, so that a line takes
// no memory but that of its message.
#pragma once

#include <cstdint>
#include <string>

#include <weir/base/buffer.h>

namespace weir_tool {

// A line ends at LF or CR LF; behind the last one it need not end. Thread safety: one thread at a time.
class hex_lines {
public:
    enum kind { message, more, end, broken };

    // A line of many more bytes than `limit`, which no message may have, is broken.
    explicit hex_lines(std::uint64_t limit) : most_(limit < UINT64_MAX / 4 ? 2 * limit + 512 : UINT64_MAX) {}

    // The bytes are lent until next() says `more`.
    void feed(weir::bytes_view input) { input_ = input; }
    void finish() { is_finished_ = true; }
    // After `broken` nothing more comes.
    kind next();

    // Of `message`, until the next call; it may be moved away.
    weir::buffer& content() noexcept { return content_; }
    // Of `broken`: why.
    std::string why() const;

private:
    void take(char next);
    void begin_line();
    kind end_line();

    const std::uint64_t most_;
    weir::bytes_view input_;
    bool is_finished_ = false;
    bool is_told_ = false;  // content_ is that of the line before

    // Of this line.
    weir::buffer content_;
    std::string shown_;    // its beginning, for why()
    bool is_odd_ = false;  // half a byte is in high_
    unsigned high_ = 0;
    bool has_cr_ = false;  // the last character, perhaps of its end
    bool is_empty_ = true;
    bool is_wrong_ = false;
};

}  // namespace weir_tool
