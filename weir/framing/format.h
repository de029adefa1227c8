// The interface of a format. A format finds the end of a frame, and writes the header and the trailer around a payload.
// It is pure and has no state. The decoder and the encoder do the rest for all formats: partial messages, limits,
// checksums, messages over the limit, and the places of errors.
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

// The result of measure() for the part of a frame that has arrived. Sizes and places are in bytes.
struct verdict {
    // The function below that made the verdict.
    enum class answer : std::uint8_t { more, frame, broken };

    verdict() = default;

    // The end of the frame is not known yet. The decoder calls measure() again when `need` bytes of the frame have
    // arrived; `need` must be greater than the number that has arrived. The first `settled` bytes after the header
    // certainly belong to the body.
    static verdict more(std::uint64_t need, std::uint64_t header = 0, std::uint64_t settled = 0) noexcept {
        return {answer::more, header, settled, need};
    }
    // The largest size in a verdict. For a header that announces a larger size, measure() returns this one, and
    // format::announced() returns the announced number.
    static constexpr std::uint64_t most_size = std::uint64_t{1} << 62;
    // The sizes of the frame are known. Some of its bytes may not have arrived yet.
    static verdict frame(std::uint64_t header, std::uint64_t body, std::uint64_t trailer) noexcept {
        return {answer::frame, header, body, trailer};
    }
    // No frame begins with these bytes; the first wrong byte is at `place`. `settled` is as in more(). It lets the
    // decoder treat a message as too large, for every segmentation, when the message exceeds the limit before its wrong
    // byte.
    static verdict broken(std::uint64_t place, std::uint64_t settled = 0) noexcept {
        return {answer::broken, place, settled, 0};
    }

    answer what = answer::more;  // decides the meaning of the sizes
    std::uint64_t header = 0;    // size of the header; broken: the place
    std::uint64_t body = 0;      // size of the body; more, broken: settled
    std::uint64_t trailer = 0;   // size of the trailer; more: need

private:
    verdict(answer a, std::uint64_t h, std::uint64_t b, std::uint64_t t) noexcept
        : what(a), header(h), body(b), trailer(t) {}
};

// The bytes of a frame that have arrived, from its first byte on. If `inside` is true, they begin inside the body of a
// message over the limit instead. Only a format that searches for the end receives such bytes.
struct frame_bytes {
    // The decoder and the encoder make these objects.
    frame_bytes(bytes_view so_far, std::size_t already, bool in_body)
        : content(so_far), searched(already), inside(in_body) {}

    bytes_view content;    // valid during the call
    std::size_t searched;  // bytes at the front that an earlier call examined; it returned `more`
    bool inside;           // `content` begins inside the body
};

// Finds the end of a frame, and writes the header and the trailer around a payload. Sizes are in bytes. A result must
// depend only on the bytes, not on the number of calls; the laws (laws.h) test this. Thread safety: immutable.
//
// For a framing of your own, derive a class from format. Then make the framing with
// framing::custom("name", std::make_shared<my_format>()).
//   - If the header announces the size, implement measure() and put_header(); for a trailer, also put_trailer() and
//     refuse_trailer().
//   - If the format searches for the end, implement measure(), searches(), put_header() (which writes nothing),
//     put_trailer() and refuse().
//   - Implement explain() for better error messages. The defaults of the other functions usually suffice.
// A complete format, with two decimal digits before the payload, as in "05hello":
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
// A format that breaks a rule of this file is a bug in the program, not an error of the peer. It fails a WEIR_CHECK
// that names the rule.
class format {
public:
    virtual ~format() = default;

    // ---- the end of a frame, its header and its trailer ----

    // Returns where the frame ends. `frame` contains at least one byte. Adds the number of bytes that it examined to
    // `looked`. It need not examine the first `searched` bytes again.
    virtual verdict measure(const frame_bytes& frame, std::uint64_t& looked) const = 0;

    // put_header() appends the header for a body of this size; put_trailer() appends the trailer. `header` and `body`
    // are views into `out`; they stay valid while at most most_header_bytes bytes are appended.
    virtual void put_header(std::uint64_t body_size, buffer& out) const = 0;
    virtual void put_trailer(bytes_view header, bytes_view body, buffer& out) const;
    // Called when a whole frame with an announced size and a trailer has arrived. Returns a sentence when the trailer
    // is wrong, and an empty string otherwise. For a message over the limit that is skipped or streamed, header and
    // body are empty, and their data() is null.
    virtual std::string refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const;
    // Returns a sentence that explains why a frame cannot carry this body, or an empty string (the default) when it
    // can.
    virtual std::string refuse(bytes_view body) const;

    // Returns the error message for a frame that measure() found broken at `place`. The message may depend only on the
    // header and the wrong byte, so that it is the same for every segmentation. The default message contains the place
    // and the byte.
    virtual std::string explain(bytes_view frame, std::uint64_t place) const;
    // Returns the length in the header, for the error message about a length that is too large for a verdict. The end
    // of the header may not have arrived; this is true for remark(), too. The default is 0, for formats whose lengths
    // are never that large.
    virtual std::uint64_t announced(bytes_view header) const;
    // Returns a remark on a header that announces a size over the limit, or whose body never arrived. The remark begins
    // with a space and is in brackets. The default is an empty string.
    virtual std::string remark(bytes_view header) const;
    // The place of the body's size in the header; an error about that size is reported there. A format that searches
    // for the end has no such place and keeps the default.
    virtual std::uint64_t place_of_size() const noexcept { return 0; }
    // False when the decoder ignores bytes of a frame, or when different frames give the same message. The encoder may
    // then write other bytes than the decoder read.
    virtual bool reads_all() const noexcept { return true; }

    // ---- formats that search for the end ----

    // True when the format searches for the end: measure() then returns `frame` only when the whole frame has arrived.
    // False (the default) when the header announces the size: measure() then returns `frame` as soon as the header has
    // arrived.
    virtual bool searches() const noexcept { return false; }
    // The constant header size of a format that searches for the end. If frame_bytes::inside is true, there is no
    // header.
    virtual std::size_t searched_header() const noexcept { return 0; }
    // Called when the stream ends, or a gap occurs, after bytes for which measure() returned `more`. Returns `frame`,
    // `broken`, or `more` (the default), which means that the stream is truncated.
    virtual verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const;

    // ---- byte stuffing, for formats that search for the end ----

    // True when the format replaces bytes of the payload and the checksum on the wire; one byte becomes at most two.
    // unstuff() appends the plain bytes of a part of a body to `plain`. stuff() turns the content of `out` from `begin`
    // on into the body on the wire. A part normally contains only whole stuffed bytes. If a part cuts a stuffed byte,
    // any result is allowed, but the format must not read past the part. The defaults of unstuff(), stuff() and
    // whole_part() are for a format without stuffing, which changes no byte.
    virtual bool stuffs() const noexcept { return false; }
    virtual void unstuff(bytes_view body, buffer& plain) const;
    virtual void stuff(buffer& out, std::size_t begin) const;
    // Returns the size of the longest part at the front of this body that has at most `size` bytes and cuts no stuffed
    // byte.
    virtual std::size_t whole_part(bytes_view body, std::size_t size) const;

    // ---- the fast path, for weir's own formats ----

    // Describes how the decoder and the encoder handle usual frames without calling the format. It must agree with the
    // functions above. It is not used for a format of your own.
    const internal::fast_path& fast() const noexcept { return fast_; }

protected:
    format() = default;
    explicit format(internal::fast_path fast) noexcept : fast_(std::move(fast)) {}

private:
    internal::fast_path fast_;
};

}  // namespace weir
