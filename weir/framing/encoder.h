// The encoder turns a message into its frame. It refuses a message that the decoder would not return.
//
//     const encoder encode(framing::lines());
//     buffer out;
//     if (auto done = encode.encode("hello", out); !done) return done.error();
#pragma once

#include <cstring>
#include <string>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/framing/format.h"
#include "weir/framing/framing.h"

namespace [[gnu::visibility("default")]] weir {

// Encodes messages as frames of one framing. Thread safety: one thread at a time.
class encoder {
public:
    // Makes an encoder for this framing.
    explicit encoder(framing described);

    // Appends the whole frame of `payload` to `out`; after an error nothing is appended. The error is too_large or
    // unencodable, with a sentence. Copies the payload once. Throws std::bad_alloc when `out` cannot grow; allocates
    // nothing else for a usual payload.
    result<void> encode(bytes_view payload, buffer& out) const {
        if (encode_usual(payload, out)) [[likely]]
            return {};
        return encode_general(payload, out);
    }
    // The fast path of encode(). Returns false and appends nothing when the payload or the framing is not usual;
    // encode() then returns the frame or the error. A usual payload is not empty, is within the limit and contains no
    // end mark. A usual framing adds only a header with a length of fixed width, or a line end.
    bool encode_usual(bytes_view payload, buffer& out) const {
        if (fit_of(payload.size()) != fit::usual) return false;
        if (length_ != nullptr) {
            const std::size_t header = length_->header;
            std::byte* const place = out.prepare(length_->head_bytes() + payload.size()).data();
            length_->write(place, payload.size());
            std::memcpy(place + header, payload.data(), payload.size());
            out.commit(header + payload.size());
            return true;
        }
        if (mark_ == nullptr) return false;
        std::byte* const place = out.prepare(payload.size() + internal::end_mark::most_wire_bytes).data();
        if (!mark_->copy(payload, place)) return false;
        mark_->write(place + payload.size());
        out.commit(payload.size() + mark_->wire_bytes());
        return true;
    }

    // Turns the payload in `content` into its frame in place, so that a large payload is in memory only once. The
    // errors are those of encode(); after an error `content` is empty.
    result<void> encode_in_place(buffer& content) const;
    // Appends what precedes the payload on the wire to `front`, and what follows it to `back`: for a program that
    // writes a large payload in portions without copying it. The errors are those of encode(). Returns false and
    // appends nothing when the framing stuffs bytes, is a custom one, counts units (times=), or has a checksum and
    // cannot carry every body. Use encode() for these.
    result<bool> encode_around(bytes_view payload, buffer& front, buffer& back) const;

    // The size of the largest payload in bytes.
    std::uint64_t limit() const noexcept { return limit_; }
    // The framing of this encoder.
    const framing& described() const noexcept { return framing_; }

private:
    enum class fit : std::uint8_t { usual, empty, too_large };

    // The only place that compares a payload with the limit.
    fit fit_of(std::size_t payload_bytes) const noexcept {
        if (payload_bytes - 1 < limit_) [[likely]]  // 0 wraps to the largest number
            return fit::usual;
        return payload_bytes == 0 ? fit::empty : fit::too_large;
    }

    result<void> encode_general(bytes_view payload, buffer& out) const;
    error refuse(errc code, std::string why) const;
    result<void> refuse_header(bytes_view payload) const;
    std::string refuse_own_header(bytes_view frame, std::size_t header_bytes) const;
    result<void> refuse_payload(bytes_view payload) const;
    std::uint64_t kept_in(bytes_view payload) const;
    void put_header(bytes_view payload, buffer& out) const;
    std::uint32_t sum_of(bytes_view front, bytes_view payload) const;
    result<void> finish_frame(buffer& out, std::size_t before, std::size_t header_bytes) const;

    framing framing_;
    const format* machine_;
    const internal::length_field* length_ = nullptr;  // set when a frame consists of a header and the payload
    const internal::end_mark* mark_ = nullptr;        // set when a frame consists of the payload and a mark
    std::uint64_t limit_;
    std::size_t check_bytes_;
    header_rule header_;
    empty_rule empty_;
    bool stuffs_;
};

}  // namespace weir
