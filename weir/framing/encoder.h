// The encoder: a message in, its frame out. It refuses what the decoder would not give back.
#pragma once

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/framing/format.h"
#include "weir/framing/framing.h"
#include "weir/framing/length.h"
#include "weir/framing/lines.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: one thread at a time.
class encoder {
public:
    explicit encoder(framing described);

    // Appends the whole frame of `payload` to `out`, or nothing: then the error is too_large or unencodable and says why. No allocation
    // unless `out` must grow. Copies the payload once.
    result<void> encode(bytes_view payload, buffer& out) const {
        if (encode_usual(payload, out)) [[likely]]
            return {};
        return encode_slowly(payload, out);
    }
    // The same where nothing is unusual: not empty, within the limit, carried as it is between a length or a line's end and no checksum. False:
    // nothing was appended, and encode() knows what to do.
    bool encode_usual(bytes_view payload, buffer& out) const {
        if (payload.size() - 1 >= limit_) return false;  // none wraps to the most there is
        if (length_ != nullptr) {
            const std::size_t header = length_->header_bytes();
            std::byte* const place = out.prepare(length_->head_bytes() + payload.size()).data();
            length_->write_header(place, payload.size());
            std::memcpy(place + header, payload.data(), payload.size());
            out.commit(header + payload.size());
            return true;
        }
        if (lines_ == nullptr) return false;
        const std::size_t size = payload.size() + lines_->mark_bytes();
        std::byte* const place = out.prepare(size).data();
        if (!lines_format::copy_text(payload, place)) return false;
        lines_->write_mark(place + payload.size());
        out.commit(size);
        return true;
    }

    // Makes the frame of the payload that is in `content`, there: what stands around it is put in front and behind, so that a large
    // payload is in memory once. Errors as above; then `content` is empty.
    result<void> encode_in_place(buffer& content) const;
    // Appends to `front` and `back` what stands before and behind the payload on the wire, where that is all that the frame adds: for
    // a program that writes a large payload in portions from where it is. False: the framing escapes the payload, or judges it together
    // with a checksum, or is one of the program's own; nothing was appended, and encode() is for it. Errors as above.
    result<bool> encode_around(bytes_view payload, buffer& front, buffer& back) const;

    // The longest payload in bytes.
    std::uint64_t limit() const noexcept { return limit_; }
    const framing& described() const noexcept { return framing_; }

private:
    result<void> encode_slowly(bytes_view payload, buffer& out) const;
    error refuse(errc code, std::string why) const;
    result<void> refuse_header(bytes_view payload) const;
    std::string refuse_own_header(bytes_view frame, std::size_t header_bytes) const;
    result<void> refuse_payload(bytes_view payload) const;
    std::uint32_t sum_of(bytes_view header, bytes_view payload) const;
    result<void> finish_frame(buffer& out, std::size_t before, std::size_t header_bytes) const;

    framing framing_;
    const format* machine_;
    const length_format* length_;  // when header and payload are the frame
    const lines_format* lines_;    // when text and mark are
    std::uint64_t limit_;
    std::size_t check_bytes_;
    bool keep_header_;
    bool empty_allowed_;
    bool stuffs_;
};

}  // namespace weir
