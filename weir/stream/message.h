// A message that a channel received: a view into the channel's memory, valid until the next receive().
#pragma once

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/stream/internal/lease.h"

namespace [[gnu::visibility("default")]] weir {

// Valid until the next receive() on its channel, and only while the channel exists; own() copies it. Reading it later
// is a WEIR_CHECK in every build. Checked builds allocate each message, so AddressSanitizer also finds late reads
// through view(). Thread safety: the channel's receiving thread.
class message {
public:
    // `piece`: a part of a message over the limit; only framings with oversize=stream return pieces.
    enum class part : std::uint8_t { whole, piece, last_piece };

    message(bytes_view content, internal::lease::stamp good_until, part which = part::whole) noexcept
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

    // Returns a copy.
    bytes own() const { return bytes(view()); }

    bool is_whole() const noexcept { return part_ == part::whole; }
    // True for the last piece of a message; it may be empty.
    bool is_last_piece() const noexcept { return part_ == part::last_piece; }

private:
    bytes_view content_;
    internal::lease::stamp stamp_;
    part part_;
};

}  // namespace weir
