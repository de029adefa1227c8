// The interface of a format: it finds the end of the frame that begins here, and writes what surrounds a payload on the
// wire. A format is pure and has no state. Decoder and encoder do everything else once for all formats: partial
// messages, limits, checksums, messages over the limit, the place of an error.
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
#include "weir/framing/internal/fast_path.h"

namespace [[gnu::visibility("default")]] weir {

// The result of measure() on the bytes of one frame that have arrived. Sizes and places are in bytes.
struct verdict {
    // Which of the functions below made it.
    enum class answer : std::uint8_t { more, frame, broken };

    verdict() = default;

    // The end of the frame is not known yet. The decoder calls measure() again when `need` bytes have arrived; `need`
    // must be above the number that has arrived. `settled` bytes after the header certainly belong to the body.
    static verdict more(std::uint64_t need, std::uint64_t header = 0, std::uint64_t settled = 0) noexcept {
        return {answer::more, header, settled, need};
    }
    // The largest size in a verdict. For a header that announces a larger one, measure() returns this size, and
    // format::announced() returns the number itself.
    static constexpr std::uint64_t most_size = std::uint64_t{1} << 62;
    // The sizes of the frame are known. Its bytes need not have arrived.
    static verdict frame(std::uint64_t header, std::uint64_t body, std::uint64_t trailer) noexcept {
        return {answer::frame, header, body, trailer};
    }
    // No frame begins with these bytes; the first wrong byte is at `place`. `settled` is as in more(): a message that
    // was over the limit before its wrong byte arrived is too large, for every segmentation.
    static verdict broken(std::uint64_t place, std::uint64_t settled = 0) noexcept {
        return {answer::broken, place, settled, 0};
    }

    answer what = answer::more;  // decides what the sizes mean
    std::uint64_t header = 0;    // broken: the place
    std::uint64_t body = 0;      // more, broken: settled
    std::uint64_t trailer = 0;   // more: need

private:
    verdict(answer a, std::uint64_t h, std::uint64_t b, std::uint64_t t) noexcept
        : what(a), header(h), body(b), trailer(t) {}
};

// The bytes of one frame that have arrived, from its first byte. With `inside` they begin somewhere in the body of a
// message that is too large to be kept whole. Only a format that searches for the end gets such bytes.
struct frame_bytes {
    // Made by the decoder.
    frame_bytes(bytes_view so_far, std::size_t already, bool in_body)
        : content(so_far), searched(already), inside(in_body) {}

    bytes_view content;    // valid during the call
    std::size_t searched;  // bytes that were there at the last call, which returned `more`
    bool inside;           // they begin in the body
};

// The largest header of a custom format in bytes, and its largest trailer. Data that grows with the message belongs to
// the body.
inline constexpr std::size_t most_header_bytes = 4096;

// Finds the end of a frame, and writes what surrounds a payload. Sizes are in bytes. A result must depend on the bytes
// alone, not on the number of calls: the laws (laws.h) test that. Thread safety: immutable.
//
// For a framing of your own, derive from it and pass it to framing::custom("name", std::make_shared<my_format>()).
//   - If the header announces the size, implement measure() and put_header(); with a trailer also put_trailer() and
//     refuse_trailer().
//   - If the end is searched for, implement measure(), searches(), put_header() (which writes nothing), put_trailer()
//     and refuse().
//   - explain() improves error messages. The defaults of all other functions suffice.
// A complete format, two decimal digits and the payload, as in "05hello":
//
//     class two_digits final : public weir::format {
//         weir::verdict measure(const weir::frame_bytes& frame, std::uint64_t& looked) const override {
//             std::uint64_t size = 0;
//             for (std::size_t i = 0; i < 2; ++i) {
//                 if (i == frame.content.size()) return weir::verdict::more(2);  // call again when both have arrived
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
// A format that breaks a rule stated here is a bug of the program, not an error of the peer: it fails a WEIR_CHECK that
// names the rule.
class format {
public:
    virtual ~format() = default;

    // ---- where a frame ends, and what surrounds a payload ----

    // Returns where the frame ends. At least one byte has arrived. Adds the number of bytes that it examined to
    // `looked`. Bytes below `searched` need not be examined again.
    virtual verdict measure(const frame_bytes& frame, std::uint64_t& looked) const = 0;

    // put_header() appends the header of a body of this size, put_trailer() its trailer. Header and body are in `out`;
    // they do not move while at most most_header_bytes are appended.
    virtual void put_header(std::uint64_t body_size, buffer& out) const = 0;
    virtual void put_trailer(bytes_view header, bytes_view body, buffer& out) const;
    // Called for a whole frame with an announced size and a trailer. Returns a sentence when the trailer is wrong, else
    // an empty string. For a message over the limit that is skipped or streamed, header and body are empty with a null
    // data().
    virtual std::string refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const;
    // Returns why a frame cannot carry this body, as a sentence. Returns an empty string, the default, when it can.
    virtual std::string refuse(bytes_view body) const;

    // Returns the error message for a frame that measure() found broken at `place`. It may depend only on the header
    // and the wrong byte, so that it is the same for every segmentation. The default contains the place and the byte.
    virtual std::string explain(bytes_view frame, std::uint64_t place) const;
    // Returns the length in the header, for the error message about a length that is too large for a verdict. The
    // default is 0, for formats whose lengths are never that large.
    virtual std::uint64_t announced(bytes_view header) const;
    // Returns a remark on a header whose size is over the limit or whose body never arrived: in brackets, after a
    // space. The default is empty.
    virtual std::string remark(bytes_view header) const;
    // The place of the body's size in the header; an error about that size is reported there. A format that searches
    // for the end has no such place and keeps the default.
    virtual std::uint64_t place_of_size() const noexcept { return 0; }
    // False when frames contain bytes that are ignored, or when one message has several frames. The encoder may then
    // write other bytes than the decoder read.
    virtual bool reads_all() const noexcept { return true; }

    // ---- formats that search for the end ----

    // True when the end is searched for: measure() returns `frame` when the whole frame has arrived. False, the
    // default, when the header announces the size: measure() returns `frame` as soon as the header has arrived.
    virtual bool searches() const noexcept { return false; }
    // The size of the header of a format that searches for the end; it is constant. With `inside` there is no header.
    virtual std::size_t searched_header() const noexcept { return 0; }
    // Called when the stream ended, or a gap occurred, after these bytes, for which measure() returned `more`. Returns
    // a frame, `broken`, or `more`, the default, which means that the stream is truncated.
    virtual verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const;

    // ---- byte stuffing, for formats that search for the end ----

    // True when the body on the wire differs from the payload and the checksum; one byte takes at most two on the wire.
    // unstuff() appends the plain bytes of a part of a body to `plain`. stuff() turns the content of `out` from `begin`
    // on into the body on the wire. A part begins and ends between two stuffed bytes. If a part cuts a stuffed byte,
    // the format chooses the result, but it must not read past the part. Every format implements unstuff(), stuff() and
    // whole_part(); without stuffing, a body is its own plain form.
    virtual bool stuffs() const noexcept { return false; }
    virtual void unstuff(bytes_view body, buffer& plain) const;
    virtual void stuff(buffer& out, std::size_t begin) const;
    // Returns the largest number of bytes, at most `size`, that can be cut off the front of this body without cutting a
    // stuffed byte.
    virtual std::size_t whole_part(bytes_view body, std::size_t size) const;

    // ---- the fast path, for weir's own formats ----

    // How decoder and encoder handle usual frames without a call. It must agree with the functions above. It is not
    // used for a format of your own.
    const internal::fast_path& fast() const noexcept { return fast_; }

protected:
    format() = default;
    explicit format(internal::fast_path fast) noexcept : fast_(std::move(fast)) {}

private:
    internal::fast_path fast_;
};

}  // namespace weir
