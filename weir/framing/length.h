// len8 len16 len24 len32 len64, and the same with `le`: a number in front says how long the message is.
//
//     len32                     00 00 00 05 | 68 65 6c 6c 6f            "hello"
//     len16le                   05 00 | 68 65 6c 6c 6f                  "hello"
//     len32,offset=1,counts=field
//                               51 | 00 00 00 0d | 73 65 ... 00         PostgreSQL's query message: the length counts itself
//
//     |<------------ header ------------>|<----------- body ----------->|
//     | magic | zeros | length           | payload          | checksum  |
//     0       ^       ^ offset           ^ offset + width
//
// offset=N       N bytes before the length. Their first are `magic` if that is given, and wrong ones are malformed; the rest is
//                ignored when it comes and sent as zeros, unless header=keep.
// counts=        what the length counts: body (payload and checksum; default), payload, field (body and the length field), whole
//                (the frame from its first byte). A length smaller than what it must count is malformed.
// header=keep    the message is header and payload together. The encoder then checks the length it is given: one that
//                is wrong is refused, not mended, so that what is sent is what was said.
//
// Limits: max counts the message (with header=keep the header too) and is never more than the field can say. The length is
// checked before anything is allocated. Big-endian is network order (RFC 1700).
// Where it is used: DNS over TCP (len16), Kafka (len32), PostgreSQL (above), TLS records, most home-made protocols.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "weir/framing/format.h"

namespace [[gnu::visibility("default")]] weir {

class length_format final : public format {
public:
    explicit length_format(const description& fields);

    // The frame that begins at `begin`, of which `size` bytes have come.
    verdict measure_at(const std::byte* begin, std::size_t size) const {
        if (size < offset_ + sizeof(std::uint64_t)) return measure_short({begin, size});
        if (!magic_.empty() && std::memcmp(begin, magic_.data(), magic_.size()) != 0) return wrong_magic({begin, size});
        std::uint64_t word;
        std::memcpy(&word, begin + offset_, sizeof word);
        return frame_of(field_of(word));
    }

    // The quick way, for frames without a checksum, when head_bytes() of them have come: the size of the body. It is larger than
    // memory when measure() would not say `frame`, so one comparison with what there is refuses it.
    std::uint64_t body_at(const std::byte* begin) const noexcept {
        std::uint64_t first;
        std::uint64_t word;
        std::memcpy(&first, begin, sizeof first);
        std::memcpy(&word, begin + offset_, sizeof word);
        if ((first & magic_mask_) != magic_word_) [[unlikely]]
            return UINT64_MAX;
        return field_of(word) - counted_;
    }
    std::size_t head_bytes() const noexcept { return offset_ + sizeof(std::uint64_t); }
    bool has_quick_way() const noexcept { return magic_.size() <= sizeof magic_word_; }

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        looked += std::min<std::uint64_t>(frame.content.size(), header_);
        return measure_at(frame.content.data(), frame.content.size());
    }
    std::size_t header_bytes() const noexcept { return header_; }
    std::uint64_t place_of_size() const noexcept override { return offset_; }
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    std::uint64_t announced(bytes_view header) const override;
    std::string remark(bytes_view header) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    // The header of a body of this size. Writes head_bytes(), of which the last lie behind the header.
    void write_header(std::byte* place, std::uint64_t body_size) const noexcept {
        if (offset_ != 0) {
            std::memset(place, 0, offset_);
            if (!magic_.empty()) std::memcpy(place, magic_.data(), magic_.size());
        }
        std::uint64_t word = body_size + counted_ - uncounted_;
        if (big_) word <<= shift_;
        if ((std::endian::native == std::endian::big) != big_) word = __builtin_bswap64(word);
        std::memcpy(place + offset_, &word, sizeof word);
    }

private:
    // The number in a word whose first bytes in memory are the field.
    std::uint64_t field_of(std::uint64_t word) const noexcept {
        constexpr bool machine_is_big = std::endian::native == std::endian::big;
        if (!machine_is_big && network32_) return __builtin_bswap32(static_cast<std::uint32_t>(word));
        if (machine_is_big != big_) word = __builtin_bswap64(word);
        return big_ ? word >> shift_ : word & mask_;
    }

    verdict frame_of(std::uint64_t field) const noexcept {
        if (field < counted_) return verdict::broken(offset_);
        const std::uint64_t most = verdict::most_size - uncounted_;
        return verdict::frame(header_, std::min(field - counted_, most) + uncounted_, 0);
    }

    verdict measure_short(bytes_view so_far) const;
    verdict wrong_magic(bytes_view so_far) const;

    bytes magic_;
    std::size_t offset_;
    std::size_t header_;
    std::uint64_t counted_ = 0;    // what the length counts besides the body
    std::uint64_t uncounted_ = 0;  // what of the body it does not count
    std::uint64_t limit_;
    std::uint64_t mask_;            // the low bytes that the field has
    std::uint64_t magic_mask_ = 0;  // of the first word, the bytes that are magic_
    std::uint64_t magic_word_ = 0;
    unsigned width_;
    unsigned shift_;
    bool big_;
    bool network32_;  // big-endian, 32 bits: the one for which a shift is saved
};

}  // namespace weir
