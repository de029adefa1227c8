// The one small interface of a framing: where does the frame that begins here end, and what stands around a payload?
// A format is pure and has no state; everything that a stream needs besides (torn frames, limits, checksums, skipping,
// streaming, the place of an error) is done once, for all formats, by decoder and encoder.
//
//     |<- header ->|<----------- body ----------->|<- trailer ->|
//     | length...  | payload          | checksum  | end mark    |
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/framing/description.h"

namespace [[gnu::visibility("default")]] weir {

// What a format says about the bytes of one frame, as far as they have come.
struct verdict {
    enum class answer : std::uint8_t { more, frame, broken };

    verdict() = default;

    // The frame's end is not known yet. It is worth asking again when `need` bytes have come (more than there are now);
    // `settled` bytes after the header are certain to belong to the body.
    static verdict more(std::uint64_t need, std::uint64_t header = 0, std::uint64_t settled = 0) noexcept {
        return {answer::more, header, settled, need};
    }
    // The frame is known, though its bytes need not have come. No size is over 2^62.
    static verdict frame(std::uint64_t header, std::uint64_t body, std::uint64_t trailer) noexcept {
        return {answer::frame, header, body, trailer};
    }
    // No frame begins with these bytes; the one at `place` is the first that is wrong. `settled` as in more(): a message
    // that was over the limit before the wrong byte came is too large, however its bytes were cut.
    static verdict broken(std::uint64_t place, std::uint64_t settled = 0) noexcept {
        return {answer::broken, place, settled, 0};
    }

    answer what = answer::more;
    std::uint64_t header = 0;   // broken: the place
    std::uint64_t body = 0;     // more, broken: settled
    std::uint64_t trailer = 0;  // more: need

private:
    verdict(answer a, std::uint64_t h, std::uint64_t b, std::uint64_t t) noexcept
        : what(a), header(h), body(b), trailer(t) {}
};

// The bytes of one frame as far as they have come, from its first byte; `inside`: from somewhere in the body of a message
// that is too large to be kept whole (only asked of formats that search for the end).
struct frame_bytes {
    frame_bytes(bytes_view so_far, std::size_t already, bool in_body)
        : content(so_far), searched(already), inside(in_body) {}

    bytes_view content;
    std::size_t searched;  // the first so many were there when it was asked before, and the answer was `more`
    bool inside;
};

// Sizes are in bytes. An answer depends on the bytes alone, not on how often it was asked: that is what the laws test.
// Thread safety: immutable.
class format {
public:
    virtual ~format() = default;

    // Where the frame ends. Adds to `looked` how many bytes were looked at. Bytes below `searched` need no second look.
    virtual verdict measure(const frame_bytes& frame, std::uint64_t& looked) const = 0;

    // True when the end is searched for, false when the header announces the size.
    virtual bool searches() const noexcept = 0;

    // Bytes before the body, when the end is searched for: they are always the same number.
    virtual std::size_t searched_header() const noexcept { return 0; }

    // The stream ended after these bytes, for which measure() gave `more`: a frame after all, or `more` again, which
    // means truncated.
    virtual verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const;

    // Where the header says the size of the body: the place of an error about that size. Only when not searches().
    virtual std::uint64_t place_of_size() const noexcept { return 0; }

    // A frame whose size is announced has come whole: a sentence when its trailer is wrong; empty when it is right.
    virtual std::string refuse_trailer(bytes_view trailer) const;

    // Byte stuffing: true when the body on the wire is not the payload (and the checksum) as they are. Then unstuff() appends to `plain`
    // what a part of a body means that begins and ends between two stuffed bytes, and stuff() makes the body on the wire of what stands
    // in `out` from `begin` on.
    virtual bool stuffs() const noexcept { return false; }
    virtual void unstuff(bytes_view body, buffer& plain) const;
    virtual void stuff(buffer& out, std::size_t begin) const;
    // The largest number of bytes, at most `size`, that may be cut off the front of this body without cutting a stuffed byte.
    virtual std::size_t whole_part(bytes_view body, std::size_t size) const;

    // The sentence for a frame that measure() called broken at `place`. It may depend on the header and the wrong byte
    // only, so that it is the same for every segmentation.
    virtual std::string explain(bytes_view frame, std::uint64_t place) const = 0;
    // A remark on a header whose size is over the limit or never came, in brackets after a space; usually empty.
    virtual std::string remark(bytes_view header) const;

    // What stands before and after a body of this size.
    virtual void put_header(std::uint64_t body_size, buffer& out) const = 0;
    // `body` may lie in `out`.
    virtual void put_trailer(bytes_view body, buffer& out) const = 0;
    // Why this body cannot be carried: a sentence; empty when it can.
    virtual std::string refuse(bytes_view body) const = 0;
};

// The format of a description that check() accepted; null when this version has none for its kind.
std::unique_ptr<const format> make_format(const description& fields);

}  // namespace weir
