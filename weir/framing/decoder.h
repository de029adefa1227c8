// The decoder turns the bytes of a stream into messages, for every framing. It uses no socket and no clock.
//
//     decoder decode(framing::lines());
//     decode.feed(input);
//     for (auto step = decode.next(); step.what != decoder::more; step = decode.next()) {
//         if (step.what == decoder::message) use(step.payload);
//         if (step.what == decoder::failed) return decode.failure();
//     }
//
// A format (format.h) only finds the end of a frame. The decoder does the rest for all formats: partial messages,
// limits, checksums, messages over the limit, the end of the stream, and the place of an error.
#pragma once

#include <cstdint>
#include <memory>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/framing/format.h"
#include "weir/framing/formats/checksum.h"
#include "weir/framing/framing.h"
#include "weir/framing/internal/mark_scan.h"

namespace [[gnu::visibility("default")]] weir {

struct decoder_memory;

// A message that is entirely in the input is returned as a view of the input, without a copy. A partial message is
// copied once, into memory that grows with the bytes that arrived and never with an announced size. The decoder holds
// at most framing::limit() bytes and the overhead of one frame; with byte stuffing it holds at most twice that. It
// examines each byte at most a constant number of times.
//
// A decoder can be copied and compared after next() returned `more`, `end` or `failed`. Equal decoders behave equally
// from then on. Thread safety: one thread at a time.
class decoder {
public:
    // What next() returns. With oversize=stream a message over the limit is returned in pieces; with oversize=skip it
    // is dropped.
    enum kind : std::uint8_t {
        message,  // payload: one whole message
        piece,    // payload: a part of a message over the limit; the last piece may be empty
        skipped,  // a message over the limit was dropped; `size` is the size of its payload in bytes
        more,     // all input is used up: call feed() or finish()
        end,      // the stream ended at a message boundary, and every message was returned
        failed,   // the stream is broken: see failure(); every later call returns `failed`
    };

    // The payload is valid until the next call of a function that is not const, and only while the fed input is valid.
    struct event {
        // The decoder makes the events.
        event(kind k, bytes_view content = {}, bool is_last = false, std::uint64_t length = 0) noexcept
            : payload(content), size(length), what(k), last(is_last) {}

        bytes_view payload;  // message, piece
        std::uint64_t size;  // skipped: bytes of the payload that was dropped
        kind what;           // decides which of the other members are set
        bool last;           // piece: it is the last one of the message
    };

    // Makes a decoder that starts at offset 0 of a stream.
    explicit decoder(framing described);
    // Copy or move the state of another decoder. The comment of the class describes when a decoder can be copied.
    decoder(const decoder& other);
    decoder(decoder&& other) noexcept;
    decoder& operator=(const decoder& other);
    decoder& operator=(decoder&& other) noexcept;
    ~decoder();

    // Passes the next bytes of the stream. The decoder borrows them: the caller keeps them valid and unchanged until
    // next() returns `more`. Requires that next() returned `more` for the previous input, and that finish() was not
    // called. After a failure the input is ignored.
    void feed(bytes_view input);
    // Returns the next event of the bytes that were fed. The caller repeats the call until next() returns `more`, `end`
    // or `failed`. Throws std::bad_alloc when there is no memory for a partial message.
    event next();
    // Marks the end of the stream. next() then returns the remaining events and `end`, or fails with errc::truncated.
    void finish();

    // Returns the error: too_large, malformed or truncated, with a sentence. Requires that next() returned `failed`.
    const error& failure() const;
    // Returns the offset of the error in the stream, in bytes from 0. The error is at the first wrong byte, a length
    // that is too large, the first byte over the limit, or the end of a truncated stream. Requires that next() returned
    // `failed`.
    std::uint64_t failed_at() const;

    // Returns the payload of the last event in a buffer that the caller owns. If the decoder collected the message in
    // its own memory, this memory moves into the buffer without a copy. Call it at most once for each event; the view
    // in the event is invalid afterwards.
    buffer take(bytes_view payload);

    // True when the decoder holds no partial message and is not skipping or returning a message over the limit.
    bool at_boundary() const noexcept { return held() == 0 && state_ != state::passing; }
    // The offset in the stream at which the next message or the partial message begins.
    std::uint64_t offset() const noexcept;
    // The framing of this decoder.
    const framing& described() const noexcept { return framing_; }

    // Reports that no byte arrived during the gap of an `idle` framing, so the bytes before the gap are a message.
    // Other framings ignore the call.
    void gap();
    // Uses another framing from the next message on. The new framing also decodes the fed bytes that are not consumed,
    // including those of a partial message. Requires may_switch().
    void switch_to(framing described);
    // False while a message over the limit is being skipped or returned in pieces, and after the end or a failure.
    bool may_switch() const noexcept { return state_ == state::frame || state_ == state::known; }
    // Starts again at offset 0 of another stream and frees all memory. Invalidates earlier payloads and drops unread
    // input.
    void reset();

    // Returns the number of bytes examined so far. The law of bounded work (laws.h) limits it.
    std::uint64_t looked() const noexcept {
        return looked_ + (fast_ == internal::fast_path::kind::mark ? scan_.looked(cursor_) : 0);
    }

    // Compares the states. Equal decoders return the same events for the same input from here on.
    friend bool operator==(const decoder& one, const decoder& other);

private:
    friend struct decoder_memory;

    // What the decoder does with the next bytes.
    //
    //     frame ──end is found──▶ known ──all bytes arrived──▶ frame      `message` is returned
    //       │
    //       ├──over the limit, skip or stream──▶ passing ──its end arrived──▶ frame
    //       └──finish()──▶ ended                      any ──▶ failed
    enum class state : std::uint8_t { frame, known, passing, failed, ended };
    // How the end of a frame is found. announced: the header announces the size. searched: the format searches for the
    // end. stuffed: as searched, and the body contains stuffed bytes.
    enum class ending : std::uint8_t { announced, searched, stuffed };
    struct passage;
    struct failing;

    // The data of a frame that is not entirely in the input.
    struct partial_frame {
        partial_frame();
        ~partial_frame();

        buffer tail;                       // the handed-out bytes, and then those of the frame
        std::size_t handed_out = 0;        // bytes at the front of the tail that the last event borrows
        std::size_t returnable = 0;        // bytes at the end of the tail that the input also has before cursor_
        std::size_t searched = 0;          // bytes of the window that the format has examined
        std::uint64_t need = 0;            // size of the window at which the format is called again
        std::uint64_t settled = 0;         // bytes of the body that the format reported as settled
        verdict known;                     // state::known
        buffer plain;                      // the last message or piece without its stuffing, for a stuffed framing
        std::unique_ptr<passage> passing;  // state::passing
        std::unique_ptr<failing> failure;  // state::failed
    };

    event next_general(std::size_t searched, const verdict* measured = nullptr);
    event next_whole();
    bool is_sound(const verdict& frame) const;
    event advance();
    event measure_frame();
    event settle(const verdict& frame);
    event deliver(const verdict& frame);
    event fail(errc code, std::uint64_t place, std::string detail);
    event refuse(errc code, std::uint64_t place, const std::string& detail, std::string remark = {});
    std::string likeness(std::string remark) const;
    event starve();
    event truncate();

    bool searches() const noexcept { return ending_ != ending::announced; }
    bool stuffs() const noexcept { return ending_ == ending::stuffed; }
    bool over_limit(std::uint64_t settled) const noexcept;
    bool waiting_is_over() const noexcept { return finished_ || gap_; }
    event exceed(const verdict& known, bool announced);
    std::uint64_t bytes_on_wire(std::uint64_t plain_bytes) const;
    event pass();
    event pass_announced();
    event pass_searched();
    event fail_passing(std::size_t place);
    event pass_end(const verdict& rest_of_frame);
    bytes_view plain_part(std::size_t size);
    std::size_t before_checksum(std::size_t body);

    bool checksum_holds(const running_checksum& sum, bytes_view wire) const;
    event wrong_checksum(std::uint64_t place, std::uint32_t computed, bytes_view wire, std::string_view remark = {});
    void check_settled(const verdict& said) const;

    void set_framing();
    partial_frame& partial();
    std::size_t rest() const noexcept { return static_cast<std::size_t>(end_ - cursor_); }
    std::size_t held() const noexcept { return partial_ == nullptr ? 0 : partial_->tail.size() - partial_->handed_out; }
    std::uint64_t missing() const noexcept { return state_ == state::known ? partial_->need - held() : 0; }
    bytes_view window() const noexcept;
    bytes_view arrived_part(std::uint64_t header) const noexcept;
    std::size_t right_in_trailer(bytes_view trailer) const;
    bool gather(std::uint64_t wanted, bool searching);
    bytes_view hand_out(std::size_t size);
    void drop_handed_out();
    void drop(std::size_t size);
    void begin_frame() noexcept;

    const std::byte* cursor_ = nullptr;  // the unread input: [cursor_, end_)
    const std::byte* end_ = nullptr;
    const format* format_ = nullptr;
    std::uint64_t limit_ = 0;
    std::uint64_t looked_ = 0;
    internal::mark_scan scan_{std::byte{}};
    internal::fast_path::kind fast_ =
        internal::fast_path::kind::general;  // the path of next(); `general` while a partial message is held
    internal::fast_path::kind usual_ = internal::fast_path::kind::general;  // the path of next() at a boundary
    ending ending_ = ending::announced;
    state state_ = state::frame;
    bool finished_ = false;
    bool gap_ = false;
    std::uint8_t check_bytes_ = 0;

    std::uint64_t fed_ = 0;  // all bytes fed; end_ is at this offset of the stream
    framing framing_;
    std::unique_ptr<partial_frame> partial_;  // allocated for the first frame that is not entirely in the input
};

inline decoder::event decoder::next() {
    std::size_t searched = 0;
    if (fast_ == internal::fast_path::kind::length) {
        const internal::length_field& field = format_->fast().length;
        if (rest() >= field.head_bytes()) [[likely]] {
            const std::uint64_t body = field.body_at(cursor_);
            const std::byte* const begin = cursor_ + field.header;
            if (body <= limit_ && body <= static_cast<std::size_t>(end_ - begin)) [[likely]] {
                cursor_ = begin + body;
                looked_ += field.header;
                return {message, {begin, body}};
            }
        }
    } else if (fast_ == internal::fast_path::kind::mark) {
        const std::byte* const mark = scan_.find(cursor_, end_);
        if (mark != nullptr) [[likely]] {
            const std::size_t text = format_->fast().mark.text_bytes(cursor_, static_cast<std::size_t>(mark - cursor_));
            if (text <= limit_) [[likely]] {
                const bytes_view payload(cursor_, text);
                cursor_ = mark + 1;
                return {message, payload};
            }
        } else {
            searched = rest();
        }
    } else if (fast_ == internal::fast_path::kind::fixed) {
        if (rest() >= limit_) [[likely]] {
            const bytes_view payload(cursor_, limit_);
            cursor_ += limit_;
            return {message, payload};
        }
    } else if (fast_ == internal::fast_path::kind::whole) {
        return next_whole();
    }
    return next_general(searched);
}

}  // namespace weir
