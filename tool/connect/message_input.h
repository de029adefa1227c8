// Reads messages from standard input: framed, or as lines of hex digits. Messages are numbered from 1.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include <weir/framing/decoder_memory.h>

#include "tool/connect/hex_lines.h"
#include "tool/terminal/standard_input.h"

namespace weir_tool {

// Thread safety: one thread at a time.
class message_input {
public:
    enum kind {
        message,  // `payload` is valid until the next call
        more,     // call read(), then feed()
        end,      // the input has ended between two messages
        broken    // the framing is violated; `why` is a sentence about it; nothing follows
    };
    struct step {
        kind what;
        weir::bytes_view payload{};
        std::string why{};
    };

    message_input(standard_input& from, weir::framing described);
    // Each line of hex digits is a message of at most `limit` bytes.
    static message_input hex(standard_input& from, std::uint64_t limit);

    step next();
    // Returns the payload of this step as a buffer; a large payload is not copied. Call it once: it invalidates the
    // view `payload`.
    weir::buffer take(const step& one);
    // Waits for bytes from standard input and returns their number. Call it on a thread that may block, and call no
    // other function while it runs.
    weir::result<std::size_t> read();
    // Takes the bytes that the last read() has read; `came` is their number, 0 at the end of the input.
    void feed(std::size_t came);
    // The number of the last message, or of the broken one.
    std::uint64_t number() const noexcept { return number_; }
    // How many messages were dropped because of oversize=skip.
    std::uint64_t skipped() const noexcept { return skipped_; }

private:
    static constexpr std::size_t read_bytes = 64 * 1024;

    step next_hex();
    step fail();

    standard_input& from_;
    weir::decoder decoder_;
    std::optional<hex_lines> hex_;  // used instead of the decoder
    std::unique_ptr<std::byte[]> room_;
    bool is_in_place_ = false;  // the last read went into the decoder's memory for a large message
    std::uint64_t number_ = 0;
    std::uint64_t skipped_ = 0;
};

}  // namespace weir_tool
