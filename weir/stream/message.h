// A message that a channel received: a view into the channel's memory, valid until the next receive().
#pragma once

#include <source_location>

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/stream/internal/lease.h"

namespace [[gnu::visibility("default")]] weir {

// A message that a channel received. Valid until the next receive() on its channel, and only while the channel exists;
// own() copies it. Reading it later fails a WEIR_CHECK in every build. Checked builds allocate each message separately,
// so that AddressSanitizer also finds late reads through a view. Thread safety: the channel's receiving thread.
class message {
public:
    // `piece`: a part of a message over the limit; only framings with oversize=stream return pieces.
    enum class part : std::uint8_t { whole, piece, last_piece };

    // For the library: channels make messages.
    message(bytes_view content, internal::lease::stamp good_until, part which = part::whole) noexcept
        : content_(content), stamp_(good_until), part_(which) {}

    // The content, as bytes or as characters. The encoding is not checked. The views are valid as long as the message.
    bytes_view view(std::source_location where = std::source_location::current()) const {
        if (!stamp_.good()) [[unlikely]]
            refuse(where);
        return content_;
    }
    [[gnu::always_inline]] operator bytes_view() const {
        if (!stamp_.good()) [[unlikely]]
            refuse_in_code();
        return content_;
    }
    std::string_view text(std::source_location where = std::source_location::current()) const {
        return view(where).text();
    }
    // The size of the content in bytes, and whether it is 0.
    std::size_t size(std::source_location where = std::source_location::current()) const { return view(where).size(); }
    bool empty(std::source_location where = std::source_location::current()) const { return view(where).empty(); }

    // Returns a copy of the content.
    bytes own(std::source_location where = std::source_location::current()) const { return bytes(view(where)); }

    // False for the pieces of a message over the limit.
    bool is_whole() const noexcept { return part_ == part::whole; }
    // True for the last piece of a message; it may be empty.
    bool is_last_piece() const noexcept { return part_ == part::last_piece; }

private:
    static constexpr std::string_view late =
        "a message was used after the next receive() on its channel, or after the end of the channel; own() makes a "
        "copy";

    [[noreturn, gnu::cold, gnu::noinline]] static void refuse(std::source_location where) {
        check_failed("stamp_.good()", late, where);
    }
    [[noreturn, gnu::cold, gnu::noinline]] static void refuse_in_code() {
        check_failed_in_code("stamp_.good()", late, __builtin_return_address(0));
    }

    bytes_view content_;
    internal::lease::stamp stamp_;
    part part_;
};

}  // namespace weir
