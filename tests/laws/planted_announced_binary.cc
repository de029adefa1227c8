// Lengths with a mask, flags or units, with fields behind them, with a trailer, and with a checksum before the trailer.
#include <algorithm>

#include "planted_announced_reader.h"

namespace planted::announced {
namespace {

using weir::bytes;
using weir::bytes_view;

enum class kept_head : std::uint8_t { none, after, all };

class binary : public reader {
public:
    enum class bug {
        none,
        fields_only_in_piece,
        fields_lost_in_cut,
        limit_without_head,
        trailer_unread,
        trailer_last_byte,
        trailer_unread_when_cut,
        whole_without_trailer,
        whole_wraps,
        empty_without_trailer,
        flags_unread,
        flags_for_bodies,
        length_over_flags,
        units_round_down,
        units_in_a_byte,
        units_zero,
        sum_of_short_body,
        sum_unread_when_cut,
        sum_without_head,
        sum_with_trailer,
    };
    struct shape {
        std::size_t width;
        std::size_t after = 0;
        std::string_view trailer = {};
        kept_head kept = kept_head::none;
        bool whole = false;
        std::uint64_t mask = 0xffff;
        std::uint64_t flags = 0;
        std::uint64_t times = 1;
        std::size_t sum_bytes = 0;  // 1: xor8 of the payload; 2: sum16 of the frame
    };

    binary(const form& about, shape wire, bug which) : reader(about), wire_(wire), bug_(which) {}

protected:
    step_result head_byte(std::uint8_t next) override;
    step_result tail_byte(std::uint8_t next) override;
    event complete() override;
    bytes_view trailer() const override { return wire_.trailer; }
    std::size_t stripped() const override {
        switch (wire_.kept) {
            case kept_head::none: return now_.head.size();
            case kept_head::after: return std::min(wire_.width, now_.head.size());
            case kept_head::all: return 0;
        }
        return 0;
    }
    std::size_t kept_bytes() const override { return bug_ == bug::limit_without_head ? 0 : reader::kept_bytes(); }
    std::size_t check_bytes() const override { return wire_.sum_bytes; }
    void piece_begins() override;
    std::uint64_t most_encoded() const override { return bug_ == bug::length_over_flags ? 0xffff : limit(); }
    bool put_frame(bytes_view payload, std::string& out) const override;

private:
    step_result read_length();
    // The bytes besides body and checksum that the length counts.
    std::uint64_t counted() const {
        if (!wire_.whole) return 0;
        return wire_.width + wire_.after + (bug_ == bug::whole_without_trailer ? 0 : wire_.trailer.size());
    }
    std::string sum_of(bytes_view head, bytes_view payload) const;

    shape wire_;
    bug bug_;
};

void binary::piece_begins() {
    if (bug_ == bug::fields_lost_in_cut && now_.where == stage::head && now_.head.size() >= wire_.width) now_.mark = 1;
    if (bug_ == bug::trailer_unread_when_cut && now_.where == stage::trailer) now_.mark = 1;
    if (bug_ == bug::sum_unread_when_cut && now_.where == stage::trailer) now_.mark = 1;
}

reader::step_result binary::head_byte(std::uint8_t) {
    const std::size_t had = now_.head.size();
    const bool without_fields =
        bug_ == bug::fields_only_in_piece && had == wire_.width && rest_of_piece() < wire_.after;
    if (had == wire_.width) {
        if (auto refused = read_length()) return refused;
    }
    if (had < wire_.width + wire_.after && !without_fields) return std::nullopt;
    const auto begun = announce(now_.number, now_.frame_at);
    if (bug_ == bug::empty_without_trailer && now_.where == stage::trailer) return deliver();
    return begun;
}

// Reads the length. Returns an event only if the length is refused.
reader::step_result binary::read_length() {
    std::uint64_t raw = 0;
    for (std::size_t i = 0; i < wire_.width; ++i) raw = raw << 8 | std::to_integer<std::uint64_t>(now_.head[i]);
    const bool wrong_flags = (raw & ~wire_.mask) != wire_.flags;
    if (wrong_flags && bug_ != bug::flags_unread) return malformed(now_.frame_at);
    std::uint64_t size = (raw & wire_.mask) * wire_.times;
    if (bug_ == bug::units_in_a_byte) size = static_cast<std::uint8_t>(size);
    if (bug_ == bug::units_zero && size == 0) size = counted();
    if (bug_ == bug::whole_wraps && size < counted()) size += 0x10000;
    if (size < counted()) return malformed(now_.frame_at);
    size -= counted();
    if (size < wire_.sum_bytes && bug_ == bug::sum_of_short_body) {
        now_.mark = 1;
        size = wire_.sum_bytes;
    }
    now_.number = size;
    // These two are refused before the fields behind the length arrive.
    if (size < check_bytes()) return malformed(now_.frame_at);
    const std::size_t kept = wire_.kept == kept_head::none || bug_ == bug::limit_without_head ? 0
                             : wire_.kept == kept_head::after                                 ? wire_.after
                                                              : wire_.width + wire_.after;
    const std::uint64_t payload = size - check_bytes();
    if (payload > limit() || payload + kept > limit()) return fail(weir::errc::too_large, now_.frame_at);
    return std::nullopt;
}

reader::step_result binary::tail_byte(std::uint8_t next) {
    const bool complete_now = now_.tail.size() + 1 == wire_.trailer.size();
    const bool ignored = bug_ == bug::trailer_unread || (bug_ == bug::trailer_unread_when_cut && now_.mark == 1) ||
                         (bug_ == bug::trailer_last_byte && next == 0x0a);
    if (complete_now && ignored) return complete();
    return reader::tail_byte(next);
}

reader::event binary::complete() {
    const std::size_t size = now_.body.size() - wire_.sum_bytes;
    const bytes_view payload = now_.body.view().first(size);
    const bool unread = now_.mark == 1 && (bug_ == bug::sum_of_short_body || bug_ == bug::sum_unread_when_cut);
    if (!unread && sum_of(now_.head, payload) != now_.body.view().from(size).text())
        return malformed(now_.at - wire_.trailer.size() - wire_.sum_bytes);
    if (bug_ == bug::fields_lost_in_cut && now_.mark == 1) {
        for (std::size_t i = wire_.width; i < now_.head.size(); ++i) now_.head[i] = std::byte{0};
    }
    return deliver();
}

std::string binary::sum_of(bytes_view head, bytes_view payload) const {
    unsigned sum = 0;
    if (wire_.sum_bytes == 1) {
        for (const std::byte one : payload) sum ^= std::to_integer<unsigned>(one);
        return {static_cast<char>(sum)};
    }
    if (wire_.sum_bytes == 0) return {};
    if (bug_ != bug::sum_without_head) {
        for (const std::byte one : head) sum += std::to_integer<unsigned>(one);
    }
    for (const std::byte one : payload) sum += std::to_integer<unsigned>(one);
    return {static_cast<char>(sum >> 8 & 0xff), static_cast<char>(sum & 0xff)};
}

bool binary::put_frame(bytes_view payload, std::string& out) const {
    if (wire_.kept == kept_head::all) {
        out = std::string(payload.text()) + std::string(wire_.trailer);
        const auto twin = fresh();
        twin->feed(bytes_view(out));
        const event first = twin->next();
        return first.what == weir::decoder::message && first.payload == payload &&
               twin->next().what == weir::decoder::more && twin->held() == 0;
    }
    const std::size_t front = wire_.kept == kept_head::after ? wire_.after : 0;
    if (payload.size() < front) return false;
    const bytes_view body = payload.from(front);
    std::uint64_t raw = body.size() + wire_.sum_bytes + counted();
    if (raw % wire_.times != 0 && bug_ != bug::units_round_down) return false;
    raw /= wire_.times;
    if (raw > wire_.mask && bug_ != bug::length_over_flags) return false;
    if (bug_ != bug::flags_for_bodies || !body.empty()) raw |= wire_.flags;
    for (std::size_t i = wire_.width; i-- > 0;) out.push_back(static_cast<char>(raw >> 8 * i & 0xff));
    out += front != 0 ? std::string(payload.first(front).text()) : std::string(wire_.after, '\0');
    const std::string head = out;
    out += body.text();
    // The sum is computed when the whole frame is in the output.
    if (bug_ == bug::sum_with_trailer)
        out += sum_of(bytes_view(head), bytes_view(std::string(body.text()) + std::string(wire_.trailer)));
    else out += sum_of(bytes_view(head), body);
    out += wire_.trailer;
    return true;
}

const std::string_view crlf = "\r\n";
using cases = sample<binary>;

std::vector<bytes> short_ones() {
    return {as_bytes("hello"),
            as_bytes(""),
            as_bytes("a"),
            as_bytes("\r\n"),
            as_bytes(std::string(39, 'y')),
            as_bytes(std::string(40, 'x'))};
}

cases stripped_fields() {
    return {{"len16,after=2,trailer=0d0a,max=40", 40, 6, false},
            {.width = 2, .after = 2, .trailer = crlf},
            short_ones(),
            {bytes{0, 1, 7, 7, 'q', 13, 10}, bytes{0, 1, 0, 0, 'q', 13, 13}, bytes{0, 0, 1, 2},
             bytes{0, 1, 0, 0, 'q', 'q', 10}, bytes{0, 41, 0, 0}}};
}

cases returned_fields() {
    return {{"len16,after=2,trailer=0d0a,header=after,max=40", 40, 6, true},
            {.width = 2, .after = 2, .trailer = crlf, .kept = kept_head::after},
            {as_bytes("\x01\x02hello"), as_bytes("\x03\x04"), as_bytes("zzz"), as_bytes("\r\n\r\n"),
             as_bytes(std::string(40, 'x'))},
            {bytes{0, 1, 7, 7, 'q', 13, 10}, bytes{0, 1, 9, 9, 'q', 13, 13}, bytes{0, 39, 1, 2}, bytes{0, 38, 1, 2}}};
}

cases kept_fields() {
    return {{"len16,after=2,trailer=0d0a,header=keep,max=40", 40, 6, true},
            {.width = 2, .after = 2, .trailer = crlf, .kept = kept_head::all},
            {bytes{0, 1, 7, 8, 'q'}, bytes{0, 0, 5, 5}, bytes{0, 3, 0, 0, 'a', 13, 10},
             as_bytes(raw({0, 36, 1, 1}) + std::string(36, 'x'))},
            {bytes{0, 1, 7, 7, 'q', 13, 10}, bytes{0, 1, 9, 9, 'q', 13, 13},
             as_bytes(raw({0, 37, 1, 2}) + std::string(37, 'x') + "\r\n")}};
}

cases whole_frame() {
    return {
        {"len16,after=2,trailer=0d0a,counts=whole,max=40", 40, 6, false},
        {.width = 2, .after = 2, .trailer = crlf, .whole = true},
        short_ones(),
        {bytes{0, 7, 7, 7, 'q', 13, 10}, bytes{0, 5, 0, 0, 'q', 13, 10}, bytes{0, 3, 1, 2}, bytes{0, 6, 0, 0, 13, 10}}};
}

cases masked() {
    return {{"len16,mask=0fff,flags=4000", 4095, 2, true},
            {.width = 2, .mask = 0x0fff, .flags = 0x4000},
            {as_bytes("hello"), as_bytes(""), as_bytes("a"), as_bytes(std::string(255, 'x')),
             as_bytes(std::string(256, 'x'))},
            {bytes{0x40, 1, 'q'}, bytes{0x80, 1, 'q'}, bytes{0, 1, 'q'}, bytes{0x50, 0}}};
}

cases units() {
    return {{"len8,times=4,counts=whole,max=39", 39, 1, true},
            {.width = 1, .whole = true, .mask = 0xff, .times = 4},
            {as_bytes("abc"), as_bytes("defghij"), as_bytes("   "), as_bytes(std::string(39, 'x'))},
            {bytes{1, 'a', 'b', 'c'}, bytes{0}, bytes{65, 'a', 'b', 'c'}, bytes{11}}};
}

cases summed_frame() {
    return {{"len8,check=sum16,cover=frame,trailer=0d0a,max=40", 40, 5, true},
            {.width = 1, .trailer = crlf, .mask = 0xff, .sum_bytes = 2},
            short_ones(),
            {bytes{3, 'q', 0, 'q' + 3, 13, 10}, bytes{3, 'q', 0, 'q', 13, 10}, bytes{1, 1, 13, 10},
             bytes{2, 0, 2, 13, 10}, bytes{3, 'q', 0, 'q' + 3, 10, 10}, bytes{43}}};
}

cases summed_payload() {
    return {{"len16,check=xor8,trailer=0d0a,max=40", 40, 5, true},
            {.width = 2, .trailer = crlf, .sum_bytes = 1},
            short_ones(),
            {bytes{0, 2, 'q', 'q', 13, 10}, bytes{0, 2, 'q', 'r', 13, 10}, bytes{0, 1, 0, 13, 10},
             bytes{0, 1, 9, 13, 10}, bytes{0, 0, 13, 10}, bytes{0, 2, 'q', 'r', 13, 13}}};
}

}  // namespace

void plant_binary(std::vector<announced_case>& bugs, std::vector<announced_case>& sound) {
    using enum binary::bug;
    const auto add = [&](const cases& from, binary::bug which, const char* said, judge by = judge::laws) {
        bugs.push_back(plant(from, which, said, by));
    };
    // The fields are skipped only if read() returned them together with the length.
    add(stripped_fields(), fields_only_in_piece, "fields behind a length in an earlier piece count as body");
    // The message points to fields of a header that has been overwritten.
    add(returned_fields(), fields_lost_in_cut, "fields in another piece than the length are zeros");
    // max is compared with the announced number, but the returned message has a head, too.
    add(kept_fields(), limit_without_head, "the limit does not count the kept head");
    // input.skip(2): the bytes after the body are never compared.
    add(stripped_fields(), trailer_unread, "the trailer may be anything", judge::weir);
    // Only '\n' is expected, as in programs that read lines.
    add(returned_fields(), trailer_last_byte, "only the last byte of the trailer is compared");
    // memcmp() runs only when the whole trailer is in the piece with the end of the body.
    add(kept_fields(), trailer_unread_when_cut, "a trailer in a later piece may be anything");
    // Both sides forget that counts=whole includes the trailer.
    add(whole_frame(), whole_without_trailer, "the whole frame does not include the trailer", judge::weir);
    // uint16_t body = length - 6.
    add(whole_frame(), whole_wraps, "a length less than the head becomes a huge one", judge::weir);
    // if (size == 0) return message.
    add(stripped_fields(), empty_without_trailer, "an empty message is returned before its trailer");
    // raw & 0x0fff, without a look at the other bits.
    add(masked(), flags_unread, "bits outside the mask may be anything");
    // Empty messages take another path in the encoder.
    add(masked(), flags_for_bodies, "the encoder sends empty messages without flags");
    // The encoder compares the size with 16 bits. The reader's limit is that of the field, too.
    add(masked(), length_over_flags, "the encoder lets a length reach into the flags");
    // size / 4.
    add(units(), units_round_down, "the encoder rounds a size down to units");
    // uint8_t size = length * 4.
    add(units(), units_in_a_byte, "the number of bytes is computed in 8 bits");
    // max(0, length * 4 - 1).
    add(units(), units_zero, "a length of 0 units is an empty message");
    // A body shorter than its checksum is "nothing to check".
    add(summed_frame(), sum_of_short_body, "a body that is shorter than its checksum is not checked");
    // Two paths of code: the slow one waits for the trailer, and then forgets the checksum.
    add(summed_payload(), sum_unread_when_cut, "the checksum is not compared when the trailer is cut");
    // Both sides forget cover=frame.
    add(summed_frame(), sum_without_head, "the checksum covers the payload only", judge::weir);
    // The encoder appends the trailer to the body first.
    add(summed_payload(), sum_with_trailer, "the encoder's checksum covers the trailer");
    for (const auto& from : {stripped_fields(), returned_fields(), kept_fields(), whole_frame(), masked(), units(),
                             summed_frame(), summed_payload()})
        sound.push_back(plant(from, none, ""));
}

}  // namespace planted::announced
