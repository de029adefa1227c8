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
    // No size is over this. A header that announces a larger one is given as this one; format::announced() has the number itself.
    static constexpr std::uint64_t most_size = std::uint64_t{1} << 62;
    // The frame is known, though its bytes need not have come.
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

// A header of a format of your own has at most so many bytes, and so has a trailer: what grows with the message is its body.
inline constexpr std::size_t most_header_bytes = 4096;

// Sizes are in bytes. An answer depends on the bytes alone, not on how often it was asked: that is what the laws test.
// Thread safety: immutable.
//
// For a framing of your own derive from it and say framing::custom("name", std::make_shared<my_format>()). A header that announces
// the size needs measure() and put_header(), with a trailer also put_trailer() and refuse_trailer(); an end that is searched for
// needs measure(), searches(), put_header() (of nothing), put_trailer() and refuse(). explain() makes for better sentences. All else
// has defaults that suit. A whole one, two decimal digits and the payload, "05hello":
//
//     class two_digits final : public weir::format {
//         weir::verdict measure(const weir::frame_bytes& frame, std::uint64_t& looked) const override {
//             std::uint64_t size = 0;
//             for (std::size_t i = 0; i < 2; ++i) {
//                 if (i == frame.content.size()) return weir::verdict::more(2);  // worth asking when both have come
//                 const auto digit = std::to_integer<unsigned>(frame.content[i]) - '0';
//                 if (digit > 9) return weir::verdict::broken(i);
//                 size = 10 * size + digit;
//                 ++looked;
//             }
//             return weir::verdict::frame(2, size, 0);
//         }
//         void put_header(std::uint64_t size, weir::buffer& out) const override {
//             out.append(std::string{static_cast<char>('0' + size / 10), static_cast<char>('0' + size % 10)});
//         }
//     };
//     const auto mine = weir::framing::custom("two-digits", std::make_shared<two_digits>()).max(99);
//     if (auto broken = weir::laws::check(*weir::laws::subject_of(mine), messages)) std::cout << *broken;
//
// A format that breaks a rule stated here is the programmer's mistake (WEIR_CHECK with the rule), not a peer's.
class format {
public:
    virtual ~format() = default;

    // ---- where a frame ends, and what stands around a payload ----

    // Where the frame ends. At least one byte has come. Adds to `looked` how many bytes were looked at. Bytes below
    // `searched` need no second look.
    virtual verdict measure(const frame_bytes& frame, std::uint64_t& looked) const = 0;

    // What stands before and after a body of this size. Header and body lie in `out`, and stay where they are while not more than
    // most_header_bytes are appended.
    virtual void put_header(std::uint64_t body_size, buffer& out) const = 0;
    virtual void put_trailer(bytes_view header, bytes_view body, buffer& out) const;
    // A frame whose size is announced, and which has a trailer, has come whole: a sentence when its trailer is wrong; empty when it is
    // right. Of a message over the limit that went by header and body are not there any more: both are empty, with a null data().
    virtual std::string refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const;
    // Why this body cannot be carried: a sentence; empty when it can, as any can by default.
    virtual std::string refuse(bytes_view body) const;

    // The sentence for a frame that measure() called broken at `place`. It may depend on the header and the wrong byte
    // only, so that it is the same for every segmentation. By default it names place and byte.
    virtual std::string explain(bytes_view frame, std::uint64_t place) const;
    // The length as the header says it, for the error when it is too large for a verdict. By default 0, for formats whose lengths never are.
    virtual std::uint64_t announced(bytes_view header) const;
    // A remark on a header whose size is over the limit or never came, in brackets after a space; usually empty.
    virtual std::string remark(bytes_view header) const;
    // Where the header says the size of the body: the place of an error about that size. Only when not searches().
    virtual std::uint64_t place_of_size() const noexcept { return 0; }
    // False when frames have bytes that are ignored, or several ways to say one thing: the encoder may write others than were read.
    virtual bool reads_all() const noexcept { return true; }

    // ---- an end that is searched for ----

    // True when the end is searched for: then `frame` is said when all of it has come. False, the default, when the header announces
    // the size: then it is said as soon as the header has come.
    virtual bool searches() const noexcept { return false; }
    // Bytes before the body, when the end is searched for: they are always the same number. They are not there when `inside`.
    virtual std::size_t searched_header() const noexcept { return 0; }
    // The stream ended after these bytes, for which measure() gave `more`: a frame after all, or `more` again, which
    // means truncated, the default.
    virtual verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const;

    // ---- byte stuffing, for an end that is searched for ----

    // True when the body on the wire is not the payload (and the checksum) as they are; a byte takes at most two there. Then unstuff()
    // appends to `plain` what a part of a body means, and stuff() makes the body on the wire of what lies in `out` from `begin` on. The part
    // begins and ends between two stuffed bytes; what a cut one means is up to the format, but it reads no further than the part. Asked of
    // a framing's machine(), all three have an answer for every format: where nothing is stuffed, a body means itself.
    virtual bool stuffs() const noexcept { return false; }
    virtual void unstuff(bytes_view body, buffer& plain) const;
    virtual void stuff(buffer& out, std::size_t begin) const;
    // The largest number of bytes, at most `size`, that may be cut off the front of this body without cutting a stuffed byte.
    virtual std::size_t whole_part(bytes_view body, std::size_t size) const;
};

// The format of a description that check() accepted.
std::shared_ptr<const format> make_format(const description& fields);

}  // namespace weir
