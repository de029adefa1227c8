// Planted mistakes of framings whose size is known before the end, and of their checksums: varint, netstring, fixed and
// record.
#include <algorithm>
#include <limits>

#include "planted_others_codec.h"

namespace planted::others {
namespace {

using weir::bytes;
using weir::bytes_view;
using weir::decoder;
using weir::errc;
using weir::framing_kind;

class sizes_codec : public codec {
public:
    // Each mistake is explained where it is planted, at the end of this file.
    enum class mistake {
        none,
        varint_restarts_split,
        varint_sign,
        varint_32_bits,
        varint_overlong,
        varint_tenth_byte,
        varint_endless,
        varint_less_than_itself,
        varint_width_before_itself,
        digits_restart_split,
        leading_zero,
        no_digits,
        digits_wrap,
        comma_unseen_when_split,
        view_of_old_piece,
        empty_waits,
        room_as_announced,
        limit_at_the_end,
        off_by_one_at_max,
        third_piece,
        split_header_is_no_loss,
        skip_keeps_comma,
        stream_loses_byte,
        sum_of_last_piece,
        sum_kept,
        sum_half,
        sum_order,
        cover_first_length_byte,
        wrong_sum_unseen_when_empty,
    };

    weir::result<void> encode(bytes_view payload, weir::buffer& out) const override;

protected:
    sizes_codec(const std::string& text, mistake which, const std::string& said) : codec(text, said), which_(which) {}

    std::optional<event> step(std::byte next) override;
    void piece_begins(bytes_view piece) override;
    bool partial() const override {
        return now_.begun && !(which_ == mistake::split_header_is_no_loss && now_.phase == header);
    }

private:
    enum phases { header, body, comma, passing };

    std::optional<event> varint(std::uint8_t next);
    std::optional<event> netstring(std::uint8_t next);
    std::optional<event> announced(std::uint64_t size);
    std::optional<event> collect(std::byte next);
    std::optional<event> pass();
    event ended();
    bool sum_holds(bytes_view payload, bytes_view wire);

    mistake which_;
    bytes received_;  // a receive buffer, to whose beginning each piece is written
    std::size_t piece_at_ = 0;
    std::size_t body_at_ = 0;
};

std::optional<codec::event> sizes_codec::step(std::byte next) {
    ++piece_at_;
    const auto kind = fields().kind;
    if (!now_.begun) {
        now_.begun = true;
        now_.frame_at = now_.at - 1;
        if (kind == framing_kind::fixed || kind == framing_kind::record) {
            now_.phase = body;
            now_.left = limit() + fields().check_bytes();
        }
    }
    switch (now_.phase) {
        case header: {
            now_.header.append(static_cast<std::uint8_t>(next));
            if (now_.header.size() <= fields().offset) return std::nullopt;
            const auto value = static_cast<std::uint8_t>(next);
            return kind == framing_kind::varint ? varint(value) : netstring(value);
        }
        case body: return collect(next);
        case passing: return pass();
        default:
            if (next != std::byte{','} && !(which_ == mistake::comma_unseen_when_split && now_.matched == 1))
                return fail(errc::malformed, now_.at - 1);
            return ended();
    }
}

std::optional<codec::event> sizes_codec::varint(std::uint8_t next) {
    const bool endless = which_ == mistake::varint_endless;
    const std::size_t width = ++now_.start_seen;
    const auto shift = 7 * (width - 1);
    if (shift < 64) now_.number |= std::uint64_t{next & 0x7fu} << shift;
    if (width == 10 && next > 1 && which_ != mistake::varint_tenth_byte && !endless)
        return fail(errc::malformed, now_.at - 1);
    if ((next & 0x80) != 0) {
        // A further byte would exceed 64 bits.
        if (width == 10 && !endless) return fail(errc::malformed, now_.at - 1);
        return std::nullopt;
    }
    std::uint64_t number = now_.number;
    const bool counts_itself = fields().counts == weir::counts_rule::field;
    // A length is overlong if one byte less is enough. A length that counts itself is then one less, too.
    bool overlong = width > 1 && number >= (counts_itself ? width : 0) &&
                    (shift >= 64 || (number - (counts_itself ? 1 : 0)) >> shift == 0);
    if (which_ == mistake::varint_tenth_byte) overlong = width > 1 && next == 0;
    if (overlong && which_ != mistake::varint_overlong) return fail(errc::malformed, now_.at - 1);
    if (which_ == mistake::varint_32_bits) number = static_cast<std::uint32_t>(number);
    if (which_ == mistake::varint_sign) {
        const auto number_as_int = static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
        number = number_as_int < 0 ? 0 : static_cast<std::uint64_t>(number_as_int);
    }
    if (counts_itself) {
        if (number < width) {
            if (which_ != mistake::varint_less_than_itself)
                return fail(errc::malformed, now_.frame_at + fields().offset);
            number = width;
        }
        number -= width;
    }
    if (number < fields().check_bytes()) return fail(errc::malformed, now_.frame_at + fields().offset);
    return announced(number);
}

std::optional<codec::event> sizes_codec::netstring(std::uint8_t next) {
    const bool digit = next >= '0' && next <= '9';
    if (next == ':' && (now_.start_seen != 0 || which_ == mistake::no_digits)) return announced(now_.number);
    if (!digit) return fail(errc::malformed, now_.at - 1);
    if (now_.start_seen == 1 && now_.number == 0 && which_ != mistake::leading_zero)
        return fail(errc::malformed, now_.at - 1);
    if (now_.start_seen == 18 && which_ != mistake::digits_wrap) return fail(errc::malformed, now_.at - 1);
    ++now_.start_seen;
    now_.number = now_.number * 10 + (next - std::uint64_t{'0'});
    return std::nullopt;
}

// The header is complete.
std::optional<codec::event> sizes_codec::announced(std::uint64_t size) {
    const std::uint64_t most = limit() + fields().check_bytes() - (which_ == mistake::off_by_one_at_max ? 1 : 0);
    now_.left = size;
    now_.phase = body;
    body_at_ = piece_at_;
    if (size > most) {
        if (fields().oversize != weir::oversize_rule::close) {
            now_.number = size;
            now_.left = size + 1;
            now_.phase = passing;
            if (which_ == mistake::skip_keeps_comma && size % 8 == 0) --now_.left;
            return std::nullopt;
        }
        if (which_ != mistake::limit_at_the_end) return fail(errc::too_large, now_.frame_at + fields().offset);
    }
    if (which_ == mistake::room_as_announced) now_.header.resize(now_.header.size() + static_cast<std::size_t>(size));
    if (size != 0) return std::nullopt;
    if (fields().kind != framing_kind::netstring) return ended();
    now_.phase = comma;
    return std::nullopt;
}

std::optional<codec::event> sizes_codec::collect(std::byte next) {
    if (now_.collected.empty()) body_at_ = piece_at_ - 1;
    now_.collected.append(static_cast<std::uint8_t>(next));
    if (--now_.left != 0) return std::nullopt;
    if (fields().kind != framing_kind::netstring) return ended();
    now_.phase = comma;
    return std::nullopt;
}

// Skips or streams a netstring over the limit, with its comma.
std::optional<codec::event> sizes_codec::pass() {
    const bool streams = fields().oversize == weir::oversize_rule::stream;
    const bool wrong_comma = now_.left == 1 && *last_byte() != std::byte{','} && which_ != mistake::skip_keeps_comma;
    if (wrong_comma) return fail(errc::malformed, now_.at - 1);
    const std::uint64_t size = now_.number;
    if (--now_.left == 0) {
        forget();
        return streams ? event(decoder::piece, {}, true) : event(decoder::skipped, {}, false, size);
    }
    if (!streams) return std::nullopt;
    if (which_ == mistake::stream_loses_byte && now_.matched == 1) return now_.matched = 0, std::nullopt;
    return event(decoder::piece, {last_byte(), 1});
}

codec::event sizes_codec::ended() {
    const std::size_t size = now_.collected.size() - fields().check_bytes();
    const bytes_view payload = now_.collected.view().first(size);
    if (payload.size() > limit()) return fail(errc::too_large, now_.frame_at + fields().offset);
    if (!sum_holds(payload, now_.collected.view().from(size)))
        return fail(errc::malformed, now_.at - fields().check_bytes());
    const bool in_old_piece = now_.phase == comma && now_.matched == 1 && body_at_ + size <= received_.size();
    if (which_ == mistake::view_of_old_piece && in_old_piece) return deliver(received_.view().part(body_at_, size));
    return deliver(payload);
}

bool sizes_codec::sum_holds(bytes_view payload, bytes_view wire) {
    if (wire.empty()) return true;
    const auto order = fields().check_byte_order();
    weir::running_checksum sum(fields().checksum);
    if (const auto from = fields().cover) {
        const bool forgets = which_ == mistake::cover_first_length_byte;
        const auto covered = forgets ? now_.header.view().first(fields().offset + 1) : now_.header.view();
        sum.update(covered.from(*from));
    }
    if (which_ == mistake::wrong_sum_unseen_when_empty && payload.empty()) return true;
    sum.update(payload.from(std::min(now_.sum_from, payload.size())));
    const std::uint32_t came = weir::read_checksum(wire, order);
    if (which_ == mistake::sum_half) return (sum.value() & 0xffffu) == (came & 0xffffu);
    const std::uint32_t computed = sum.value() ^ now_.last_sum;  // xor8, with the sum of the previous message
    if (which_ == mistake::sum_kept) now_.last_sum = computed;
    return computed == came;
}

void sizes_codec::piece_begins(bytes_view piece) {
    piece_at_ = 0;
    if (which_ == mistake::view_of_old_piece) {
        now_.matched = now_.phase == comma ? 1 : 0;
        received_.resize(std::max(received_.size(), piece.size()));
        std::copy(piece.begin(), piece.end(), received_.begin());
    }
    if (which_ == mistake::varint_restarts_split || which_ == mistake::digits_restart_split) {
        if (now_.phase == header && now_.start_seen != 0) {
            now_.start_seen = 0;
            now_.number = 0;
        }
    }
    if (which_ == mistake::comma_unseen_when_split) now_.matched = now_.phase == comma ? 1 : 0;
    // A streamed message loses a byte at each read except the first.
    if (which_ == mistake::stream_loses_byte) now_.matched = now_.phase == passing && now_.left > 2 ? 1 : 0;
    if (which_ == mistake::sum_of_last_piece) now_.sum_from = now_.collected.size();
    if (which_ == mistake::sum_kept) now_.last_sum = 0;
    if (which_ == mistake::third_piece && now_.phase == body) {
        // The bytes of earlier pieces are not subtracted.
        now_.left += now_.matched;
        now_.matched = now_.collected.size();
    }
}

weir::result<void> sizes_codec::encode(bytes_view payload, weir::buffer& out) const {
    const std::size_t before = out.size();
    if (auto encoded = codec::encode(payload, out); !encoded) return encoded;
    if (which_ == mistake::sum_order) {
        const std::size_t size = fields().check_bytes();
        std::reverse(out.data() + out.size() - size, out.data() + out.size());
    }
    if (which_ == mistake::varint_width_before_itself && payload.size() == 127) out.data()[before] = std::byte{0x80};
    if (which_ == mistake::empty_waits && payload.empty()) out.truncate(before);
    return {};
}

const std::string varint = "varint,max=300";
const std::string varint_field = "varint,counts=field,max=300";
const std::string varint_covered = "varint,offset=1,max=300,check=xor8,cover=0";
const std::string netstring = "netstring,max=300";
const std::string fixed_summed = "fixed:8,check=xor8";
const std::string record_summed = "record:!IHs,check=crc32";
const std::string modbus = "varint,max=300,check=crc16-modbus";

std::vector<bytes> sizes() {
    return {bytes("hello"), bytes(""), bytes(std::string(127, 'm')), bytes(std::string(128, 'n')),
            bytes(std::string(300, 'x'))};
}
std::vector<bytes> eights() { return {bytes("12345678"), bytes("abcdefgh"), bytes("        ")}; }
std::vector<bytes> sevens() { return {bytes("1234567"), bytes("abcdefg")}; }

}  // namespace

void plant_sizes(std::vector<planted>& all) {
    using enum sizes_codec::mistake;
    const auto add = [&](const std::string& text, sizes_codec::mistake which, const char* said,
                         std::vector<bytes> messages = sizes()) {
        all.push_back(plant<sizes_codec>(text, which, said, std::move(messages)));
    };
    // The shift is a local variable of the read callback: ac | 02 is read as 2. Hand-written protobuf and MQTT readers.
    add(varint, varint_restarts_split, "a partial length is read anew");
    // int length: ff ff ff ff 0f is -1, below any limit. A similar bug: the chunk size of nginx (CVE-2013-2028).
    add(varint, varint_sign, "a length of 32 bits is negative, and passes the limit");
    // A 64-bit length is cast to uint32_t: 2^32 + 5 is 5, and two readers disagree where the next message begins.
    add(varint, varint_32_bits, "the upper half of a length is cut off");
    // 85 00 is accepted as 5, so a message has two encodings in a framing that allows one.
    add(varint, varint_overlong, "a longer encoding than needed is taken");
    // The tenth byte has only one valid bit, but 85 80 80 80 80 80 80 80 80 02 is accepted as 5. Early protobuf ports.
    add(varint, varint_tenth_byte, "the tenth byte's upper bits fall off");
    // The bytes of a length have no limit: 80 80 80 80... is kept for ever. MQTT brokers that did not stop at four.
    add(varint, varint_endless, "a length that never ends is collected");
    // A negative "length - header" is set to zero, which hides the error. A similar bug: the lengths of memcached
    // (CVE-2016-8704).
    add(varint_field, varint_less_than_itself, "a length smaller than its own field is an empty message");
    // The width is chosen for the size of the payload, but the sum needs one byte more: wrong for exactly 127 bytes.
    add(varint_field, varint_width_before_itself, "the encoder chooses the width before it counts itself");
    // strtoul() on the result of one read: "12" | "8:" is 8. SCGI servers.
    add(netstring, digits_restart_split, "partial digits are read anew");
    // strtoul() accepts 05: and 005: too; the specification forbids them.
    add(netstring, leading_zero, "zeros in front of a length are taken");
    // atoi("") is 0.
    add(netstring, no_digits, "a colon without digits is an empty message");
    // length = length * 10 + digit without a check: 18446744073709551621: is 5.
    add(netstring, digits_wrap, "a huge length wraps around");
    // The code for a partial body counts the comma, but does not check it.
    add(netstring, comma_unseen_when_split, "a comma in a later piece may be anything");
    // The comma arrives with the next read, which overwrites the receive buffer. The returned message is a view of its
    // old content.
    add(netstring, view_of_old_piece, "a message is a view into a receive buffer that was used again");
    // An empty message is taken for "nothing to send": it gets no frame, and the peer waits for the reply.
    add(netstring, empty_waits, "the encoder leaves empty messages out");
    // malloc(length) after the header: a thousand idle peers get a thousand buffers.
    add(netstring, room_as_announced, "as much memory as a length announces");
    // The limit is checked when the message is complete.
    add(netstring, limit_at_the_end, "a message is collected before its size is checked");
    // >= in place of >.
    add(netstring, off_by_one_at_max, "a message of exactly max bytes is too large");
    // expected = size - received, where `received` is the size of the last read: right for two pieces, wrong for three.
    add(fixed_summed, third_piece, "the third piece of a message is counted from the first", eights());
    // The state reading_length is taken for a boundary between messages.
    add(netstring, split_header_is_no_loss, "a stream that ends inside a length ends well");
    // The loop skips blocks of 8 bytes, and then the rest of the body with the comma. If the rest is empty, the comma
    // is not skipped.
    add("netstring,max=16,oversize=skip", skip_keeps_comma, "skipping stops at the comma for sizes of whole blocks",
        {bytes("hello"), bytes("")});
    // offset + 1 between two reads, only in the code for streaming, which tests with short messages never reach.
    add("netstring,max=16,oversize=stream", stream_loses_byte, "a streamed message loses a byte where a piece begins",
        {bytes("hello"), bytes("")});
    // The checksum is computed over the last read, not over the message.
    add(record_summed, sum_of_last_piece, "the checksum of a partial message covers its last piece", sevens());
    // The running checksum is reset only by the read callback: the second of two messages in one read is refused.
    add(fixed_summed, sum_kept, "a second message in one piece goes on with the sum of the first", eights());
    // uint16_t received: only half of a CRC-32 is compared.
    add(record_summed, sum_half, "half of a checksum is compared", sevens());
    // Modbus sends the low byte of its CRC first; all other numbers in the frame are big-endian.
    add(modbus, sum_order, "the encoder sends the checksum in the other order");
    // The header is assumed to have two bytes: wrong from 128 bytes on, where the length alone has two bytes.
    add(varint_covered, cover_first_length_byte, "the checksum covers one byte of the length");
    // if (size > 0 && sum != expected): an empty message with a wrong checksum is accepted.
    add(varint_covered, wrong_sum_unseen_when_empty, "the checksum of an empty message is not looked at");
}

void sound_sizes(std::vector<planted>& all) {
    for (const auto& text : {varint, varint_field, varint_covered, modbus, netstring})
        all.push_back(plant<sizes_codec>(text, sizes_codec::mistake::none, "", sizes()));
    for (const std::string text : {"netstring,max=16,oversize=skip", "netstring,max=16,oversize=stream"})
        all.push_back(plant<sizes_codec>(text, sizes_codec::mistake::none, "", {bytes("hello"), bytes("")}));
    all.push_back(plant<sizes_codec>(fixed_summed, sizes_codec::mistake::none, "", eights()));
    all.push_back(plant<sizes_codec>(record_summed, sizes_codec::mistake::none, "", sevens()));
}

}  // namespace planted::others
