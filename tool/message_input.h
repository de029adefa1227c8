// Messages from standard input: framed, or one a line in hex digits. They are numbered from 1.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include <weir/framing/decoder_memory.h>

#include "hex_lines.h"
#include "standard_input.h"

namespace weir_tool {

// Thread safety: one thread at a time.
class message_input {
public:
    enum kind {
        message,  // payload, good until the next call
        more,     // read() has to be called, and what it gave to be fed
        end,      // the input has ended between two messages
        broken    // the framing was: `why` is the sentence; nothing more comes
    };
    struct step {
        kind what;
        weir::bytes_view payload{};
        std::string why{};
    };

    message_input(standard_input& from, weir::framing described);
    // A line of hex digits is a message; `limit` is its most bytes.
    static message_input hex(standard_input& from, std::uint64_t limit);

    step next();
    // The payload of this step as a buffer, without a copy where it is large: once, and its view is gone.
    weir::buffer take(const step& one);
    // Waits for bytes of standard input: on a thread that may. Nothing else is called meanwhile.
    weir::result<std::size_t> read();
    // So many were read; 0 is the end.
    void feed(std::size_t came);
    // Of the message that came last, or that broke.
    std::uint64_t number() const noexcept { return number_; }
    // How many were dropped, as oversize=skip says.
    std::uint64_t skipped() const noexcept { return skipped_; }

private:
    static constexpr std::size_t read_bytes = 64 * 1024;

    step next_hex();
    step fail();

    standard_input& from_;
    weir::decoder decoder_;
    std::optional<hex_lines> hex_;  // in place of the decoder
    std::unique_ptr<std::byte[]> room_;
    bool is_in_place_ = false;  // what was read is where the decoder collects a large message
    std::uint64_t number_ = 0;
    std::uint64_t skipped_ = 0;
};

}  // namespace weir_tool
