// What all framings with a length share. The length is a number; each format writes it in its own notation. Everything
// around the number is here: the bytes before and after it, what it counts, and the trailer.
//
//     |<----------------- header ----------------->|<------- body ------->|<- trailer ->|
//     | magic | any     | number          | after  | payload   | checksum | trailer     |
//     0       ^         ^ offset          ^ offset + width
//
// offset=N       N bytes precede the number. The first of them are `magic` if that is given; other bytes there are
//                malformed. The decoder ignores the rest, and the encoder sends zeros, unless header=keep.
// after=N        N bytes of the header follow the number. The decoder ignores them, and the encoder sends zeros, unless
//                header=keep or header=after.
// header=        The bytes of the header that belong to the message: strip (none; default), keep (all), after (those
//                after the number). With keep, the encoder checks the number that the caller supplies: it refuses a
//                wrong one instead of correcting it, so that it sends exactly what the caller passed.
// counts=        What the number counts: body (payload and checksum; default), payload, field (the number itself and
//                the body), whole (the frame). `after` bytes and the trailer are counted by whole alone.
// short=         What a number less than what it counts besides the body means: reject (malformed; default), or empty
//                (a message without payload).
// trailer=BYTES  Each frame ends with these bytes; other bytes there are malformed.
//
// Limits: max counts the message with the header bytes that belong to it. It is never more than the number can
// announce. The number is checked before anything is allocated.
#pragma once

#include <algorithm>

#include "weir/framing/format.h"

namespace weir::internal {

// The result of reading a number. Sizes and places are in bytes from the beginning of the number.
struct number_read {
    enum class answer : std::uint8_t { more, number, broken };

    // The number has at least `bytes` bytes, and fewer have arrived.
    static number_read more(std::size_t bytes) noexcept { return {answer::more, bytes, 0}; }
    static number_read number(std::uint64_t value, std::size_t bytes) noexcept {
        return {answer::number, bytes, value};
    }
    // No number in this notation has the byte at `place`.
    static number_read broken(std::size_t place) noexcept { return {answer::broken, place, 0}; }

    answer what;
    std::size_t bytes;  // broken: the place
    std::uint64_t value;
};

// Thread safety: immutable.
class announced_format : public format {
public:
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::uint64_t place_of_size() const noexcept final { return offset_; }
    std::string explain(bytes_view frame, std::uint64_t place) const final;
    std::uint64_t announced(bytes_view header) const final;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    void put_trailer(bytes_view header, bytes_view body, buffer& out) const final;
    std::string refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const final;

protected:
    // `fast` is used when it is direct and the options of `fields` allow it.
    explicit announced_format(const description& fields, fast_path fast = fast_path());

    // The notation. `field` begins at the number; it may be empty, and may continue after it. read() returns `more`
    // until it can decide; what it returns depends on the bytes of the number alone.
    virtual number_read read(bytes_view field) const noexcept = 0;
    // Returns how many bytes write() writes, for the shortest encoding of this number.
    virtual std::size_t width_of(std::uint64_t number) const noexcept = 0;
    virtual void write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept = 0;
    // Returns a sentence about a field in which read() found the byte at `place` broken.
    virtual std::string explain_number(bytes_view field, std::size_t place) const = 0;

    std::size_t offset() const noexcept { return offset_; }
    bytes_view magic() const noexcept { return magic_; }

    // Returns the frame that a number of `width` bytes announces.
    verdict frame_of(std::uint64_t number, std::size_t width) const noexcept {
        const std::uint64_t besides = counted(width);
        const std::size_t header = offset_ + width + after_;
        if (number < besides) {
            return short_ == short_rule::reject ? verdict::broken(offset_)
                                                : verdict::frame(header, check_bytes_, trailer_.size());
        }
        const std::uint64_t body = std::min(number - besides, verdict::most_size - uncounted_) + uncounted_;
        return verdict::frame(header, body, trailer_.size());
    }

private:
    struct sized_number {
        std::uint64_t number;
        std::size_t width;
    };
    // Returns the number that announces a body of this size, in as few bytes as possible.
    sized_number number_for(std::uint64_t body_size) const noexcept;
    // Returns what a number of `width` bytes counts besides the body.
    std::uint64_t counted(std::size_t width) const noexcept {
        switch (counts_) {
            case counts_rule::field: return width;
            case counts_rule::whole: return offset_ + width + after_ + trailer_.size();
            default: return 0;
        }
    }
    bool is_longer_than_needed(const number_read& number) const noexcept;

    bytes magic_;
    bytes trailer_;
    std::size_t offset_;
    std::size_t after_;
    std::uint64_t check_bytes_;
    std::uint64_t uncounted_;  // bytes of the body that the number does not count
    counts_rule counts_;
    short_rule short_;
    bool overlong_allowed_;
};

}  // namespace weir::internal
