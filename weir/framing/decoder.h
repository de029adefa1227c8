// The decoder: bytes in, messages out, for every framing. It is pulled: feed() some bytes, then call next() until it wants
// more. Pure: no socket, no clock. What a format does not know (torn frames, limits, checksums, oversize messages, the
// end of the stream, the place of an error) is done here, once.
//
//     decoder decode(framing::lines());
//     decode.feed(input);
//     for (auto step = decode.next(); step.what != decoder::more; step = decode.next()) ...
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/framing/checksum.h"
#include "weir/framing/format.h"
#include "weir/framing/framing.h"
#include "weir/framing/length.h"
#include "weir/framing/lines.h"
#include "weir/framing/mark_scan.h"

namespace [[gnu::visibility("default")]] weir {

// A message that lies whole in the input is handed out where it lies; only a torn one is copied, once, and the copy grows with the
// bytes that came, never with a size that was announced. It holds at most a header and `max` bytes. No byte is looked at more than
// a constant number of times. Copy and compare it when next() has said `more`: equal decoders will do the same for ever.
// Thread safety: one thread at a time.
class decoder {
public:
    enum kind : std::uint8_t {
        message,  // payload: one whole message
        piece,    // payload: a part of a message over the limit (oversize=stream); `last` ends it, and may be empty
        skipped,  // a message over the limit was dropped (oversize=skip); `size` says how long it was
        more,     // all input is used up; feed() or finish()
        end,      // the stream ended at a message boundary, and everything was delivered
        failed,   // failure() says why; it stays so
    };

    // What happened. The payload is valid until the next call of a function that is not const, and while the input that was fed is.
    struct event {
        event(kind k, bytes_view content = {}, bool is_last = false, std::uint64_t length = 0) noexcept
            : payload(content), size(length), what(k), last(is_last) {}

        bytes_view payload;
        std::uint64_t size;
        kind what;
        bool last;
    };

    explicit decoder(framing described);
    decoder(const decoder& other);
    decoder(decoder&& other) noexcept;
    decoder& operator=(const decoder& other);
    decoder& operator=(decoder&& other) noexcept;
    ~decoder();

    // The next bytes of the stream. They are lent: keep them until next() says `more`, and feed no others before. After a failure
    // they are ignored.
    void feed(bytes_view input);
    // Instead of feed(), for who reads large messages straight to where they are collected: room behind what is held of a torn one, or at a
    // boundary for one of `expected` bytes with all that frames it. It is filled from its front and told to collected(). None before
    // next() has said `more`, and where fewer than `least` bytes are free or missing: it takes no memory, swap_memory() gives it some.
    // Valid until the next call that is not const.
    static constexpr std::size_t least_room = 16 * 1024;
    std::span<std::byte> room(std::size_t expected = 0, std::size_t least = least_room);
    void collected(std::size_t count);

    // The stream has ended: next() delivers what is left and then `end`, or fails with errc::truncated.
    void finish();

    event next() {
        std::size_t searched = 0;
        if (quick_ == quick::length) {
            const auto& lengths = *static_cast<const length_format*>(format_);
            if (rest() >= lengths.head_bytes()) [[likely]] {
                const std::uint64_t body = lengths.body_at(cursor_);
                const std::byte* const begin = cursor_ + lengths.header_bytes();
                if (body <= limit_ && body <= static_cast<std::size_t>(end_ - begin)) [[likely]] {
                    cursor_ = begin + body;
                    looked_ += lengths.header_bytes();
                    return {message, {begin, body}};
                }
            }
        } else if (quick_ == quick::lines) {
            const std::byte* const lf = scan_.find(cursor_, end_);
            if (lf != nullptr) [[likely]] {
                const verdict known =
                    static_cast<const lines_format*>(format_)->line(cursor_, static_cast<std::size_t>(lf - cursor_));
                if (known.what == verdict::answer::frame && known.body <= limit_) [[likely]] {
                    const bytes_view payload(cursor_, known.body);
                    cursor_ = lf + 1;
                    return {message, payload};
                }
            } else {
                searched = rest();
            }
        } else if (quick_ == quick::fixed) {
            if (rest() >= limit_) [[likely]] {
                const bytes_view payload(cursor_, limit_);
                cursor_ += limit_;
                return {message, payload};
            }
        } else if (quick_ == quick::whole) {
            return next_whole();
        }
        return next_slowly(searched);
    }

    // Nothing came for as long as `idle` says: what there is is a message. Other framings do not care.
    void gap();

    // From the next message on the stream is framed otherwise; bytes that were fed and not used carry over. Requires may_switch().
    void switch_to(framing described);
    // False inside a message over the limit, of which a part was skipped or handed out already, and after the end or a failure.
    bool may_switch() const noexcept { return state_ == state::frame || state_ == state::known; }

    // Why next() said `failed`: too_large, malformed or truncated, with a sentence; and the place in the stream, counted in bytes from 0:
    // the length that is too large or the first byte over the limit, the first wrong byte, the end of a truncated stream.
    const error& failure() const;
    std::uint64_t failed_at() const;

    const framing& described() const noexcept { return framing_; }
    // Where in the stream the next message begins, or the one that is not yet complete.
    std::uint64_t offset() const noexcept;
    // How many bytes the message that was handed out last takes in its memory, with all that frames it; 0 when it lies in the input.
    std::size_t taken() const noexcept { return torn_ == nullptr ? 0 : torn_->used; }
    // Bytes of a torn message that are held.
    std::size_t held() const noexcept { return torn_ == nullptr ? 0 : torn_->tail.size() - torn_->used; }
    // How many bytes of it are still to come, as far as that is known; 0 where only its end tells.
    std::uint64_t missing() const noexcept { return state_ == state::known ? torn_->need - held() : 0; }
    // Bytes of memory that it has allocated for messages.
    std::size_t memory() const noexcept {
        return torn_ == nullptr ? 0 : torn_->tail.capacity() + torn_->plain.capacity();
    }
    // How many bytes were looked at so far, for the law of bounded work.
    std::uint64_t looked() const noexcept { return looked_ + (quick_ == quick::lines ? scan_.looked(cursor_) : 0); }
    // True when nothing of a message has come yet: neither held, nor gone by because it is over the limit.
    bool at_boundary() const noexcept { return held() == 0 && state_ != state::passing; }
    // Goes on at this place of another stream, as one that was fed so many bytes of it and said `more` at a boundary: for who keeps one decoder
    // for many streams. It is at a boundary itself, neither failed nor told the end. Its memory stays.
    void continue_at(std::uint64_t offset);
    // As it was made, at the beginning of another stream. What was lent is gone, and so is all memory.
    void reset();
    // Gives back memory: of each buffer at most `keep` bytes stay, or four times what a torn message takes. What was lent is gone.
    void trim(std::size_t keep = 0);
    // What is held of a torn message moves into `other`, an empty buffer, whose memory it takes over and whose place its own takes: for who
    // keeps memory for many decoders. What was lent is gone.
    void swap_memory(buffer& other);
    // Takes memory for `count` bytes more of a torn message, by growing what it has: for who is about to read them to room(). What was
    // lent is gone.
    void prepare(std::size_t count);
    // The payload of the last event as a buffer that the caller owns, for who passes a large message on: a torn one is not copied,
    // its memory goes along. Once; the view of the event is gone.
    buffer take(bytes_view payload);

    friend bool operator==(const decoder& one, const decoder& other);

private:
    // Ways for frames that lie whole in the input; `whole` is the one for all formats that have none of their own and do not stuff.
    enum class quick : std::uint8_t { no, length, lines, fixed, whole };
    // In `frame` the end of the frame is not known; in `known` it is, and its bytes are collected; in `passing` a message over the
    // limit goes by.
    enum class state : std::uint8_t { frame, known, passing, failed, ended };
    struct passage;
    struct failing;

    struct torn_frame {
        torn_frame();
        ~torn_frame();

        buffer tail;  // its bytes; what the last event lent of it lies in the first `used` ones
        std::size_t used = 0;
        std::size_t borrowed = 0;          // so many bytes at the tail's back are also the last ones before cursor_
        std::size_t searched = 0;          // so many bytes of the window the format has seen
        std::uint64_t need = 0;            // it is worth asking the format again when the window has so many
        std::uint64_t settled = 0;         // so many bytes of the window's body the format has settled
        verdict known;                     // state::known
        buffer plain;                      // the last message or piece, when the wire has stuffed bytes
        std::unique_ptr<passage> passing;  // state::passing
        std::unique_ptr<failing> failure;  // state::failed
    };

    event next_slowly(std::size_t searched, const verdict* measured = nullptr);
    event next_whole();
    bool sound(const verdict& frame) const;
    quick quick_way() const noexcept;
    event advance();
    event measure_frame();
    event settle(const verdict& frame);
    event deliver(const verdict& frame);
    event fail(errc code, std::uint64_t place, std::string detail);
    event refuse(errc code, std::uint64_t place, const std::string& detail, std::string remark = {});
    std::string likeness(std::string remark) const;
    event starve();
    event truncate();

    bool over_limit(std::uint64_t settled) const noexcept {
        // A stuffed byte takes two on the wire.
        return (format_->stuffs() ? settled / 2 : settled) > limit_ + check_bytes_;
    }
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

    // A format keeps its word: bytes that it called settled still belong to the body.
    void hold_to(const verdict& said) const {
        WEIR_CHECK(said.body >= torn_->settled,
                   "format::measure(): bytes that were settled are no longer part of the body");
    }

    void set_framing();
    torn_frame& torn() {
        if (torn_ == nullptr) torn_ = std::make_unique<torn_frame>();
        return *torn_;
    }
    std::size_t rest() const noexcept { return static_cast<std::size_t>(end_ - cursor_); }
    bytes_view window() const noexcept {
        return torn_->tail.empty() ? bytes_view(cursor_, rest()) : torn_->tail.view();
    }
    bool gather(std::uint64_t wanted, bool searching);
    bytes_view lend(std::size_t size);
    void drop(std::size_t size);
    void begin_frame() noexcept;

    const std::byte* cursor_ = nullptr;  // the input that is not used yet: [cursor_, end_)
    const std::byte* end_ = nullptr;
    const format* format_ = nullptr;
    std::uint64_t limit_ = 0;
    std::uint64_t looked_ = 0;
    mark_scan scan_;
    quick quick_ = quick::no;
    state state_ = state::frame;
    bool finished_ = false;
    bool gap_ = false;
    std::uint8_t check_bytes_ = 0;

    std::uint64_t fed_ = 0;  // bytes fed in all; end_ is at this place of the stream
    framing framing_;
    std::unique_ptr<torn_frame> torn_;  // made for the first frame that does not lie whole in the input
};

}  // namespace weir
