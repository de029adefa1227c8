// A message as a channel gives it: a view into the channel's memory, good until the next receive().
#pragma once

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/stream/lease.h"

namespace [[gnu::visibility("default")]] weir {

// Valid until the next receive() on its channel, and as long as the channel; own() copies it out. Reading it later is
// the programmer's mistake: a WEIR_CHECK in every build, and under AddressSanitizer (checked builds give each message
// an allocation of its own) a view taken from it is caught too. Thread safety: the channel's receiving thread.
class message {
public:
    // A part of a message over the limit, when the framing says oversize=stream.
    enum class part : std::uint8_t { whole, piece, last_piece };

    message(bytes_view content, lease::stamp good_until, part which = part::whole) noexcept
        : content_(content), stamp_(good_until), part_(which) {}

    bytes_view view() const {
        WEIR_CHECK(stamp_.good(),
                   "a message was used after the next receive() on its channel, or after the channel; own() keeps one");
        return content_;
    }
    operator bytes_view() const { return view(); }
    std::string_view text() const { return view().text(); }
    std::size_t size() const { return view().size(); }
    bool empty() const { return view().empty(); }

    // A copy that is yours.
    bytes own() const { return bytes(view()); }

    bool is_whole() const noexcept { return part_ == part::whole; }
    // The piece that ends its message; it may be empty.
    bool is_last_piece() const noexcept { return part_ == part::last_piece; }

private:
    bytes_view content_;
    lease::stamp stamp_;
    part part_;
};

}  // namespace weir
