// Planted mistakes of framings with end marks: several marks, start marks, byte stuffing, and skipped messages.
#include <algorithm>

#include "planted_others_codec.h"

namespace planted::others {
namespace {

using weir::bytes;
using weir::bytes_view;
using weir::decoder;
using weir::errc;

bool ends_with(bytes_view all, bytes_view tail) {
    return all.size() >= tail.size() && all.from(all.size() - tail.size()) == tail;
}

class marks_codec : public codec {
public:
    // Each mistake is explained where it is planted, at the end of this file.
    enum class mistake {
        none,
        long_mark_only_in_one_piece,
        marks_only_in_one_piece,
        restart_without_the_byte,
        noise_before_start,
        unescape_one_after_the_other,
        escape_forgotten_between_pieces,
        unknown_escape_is_itself,
        checksum_over_stuffed,
        checksum_not_stuffed,
        full_message_refused,
        limit_counts_wire,
        mark_forgotten_when_skipping,
        searches_again,
        mark_made_with_payload,
        escape_shared,
        skipped_size_with_mark,
        trailing_mark_is_no_end,
    };

    weir::result<void> encode(bytes_view payload, weir::buffer& out) const override;

protected:
    marks_codec(const std::string& text, mistake which, const std::string& said) : codec(text, said), which_(which) {
        for (const auto& mark : fields().marks) longest_ = std::max(longest_, mark.size());
    }

    std::optional<event> step(std::byte next) override;
    void piece_begins(bytes_view piece) override;
    bool partial() const override {
        if (which_ == mistake::trailing_mark_is_no_end && now_.collected.size() < longest_) return false;
        return now_.begun;
    }

private:
    std::optional<event> body(std::byte next);
    std::optional<event> stuffed_body(std::byte next);
    std::optional<event> over_limit();
    event ended(std::size_t mark_bytes);
    std::size_t mark_at_end();
    bytes unescaped_in_turn() const;
    // True while the second byte of an escape pair is missing. The mistake escape_shared has one flag for all decoders.
    bool& escaped() {
        static bool of_all = false;
        return which_ == mistake::escape_shared ? of_all : now_.escaped;
    }

    mistake which_;
    std::size_t longest_ = 0;
};

std::optional<codec::event> marks_codec::step(std::byte next) {
    const bytes& start = fields().start;
    if (!now_.begun) now_.frame_at = now_.at - 1;
    if (now_.start_seen < start.size()) {
        if (next != start[now_.start_seen]) {
            if (which_ == mistake::noise_before_start) return std::nullopt;
            return fail(errc::malformed, now_.at - 1);
        }
        now_.begun = true;
        ++now_.start_seen;
        return std::nullopt;
    }
    now_.begun = true;
    return fields().escapes.empty() ? body(next) : stuffed_body(next);
}

std::optional<codec::event> marks_codec::body(std::byte next) {
    now_.collected.append(static_cast<std::uint8_t>(next));
    if (const std::size_t mark = mark_at_end(); mark != 0) return ended(mark);
    return over_limit();
}

std::optional<codec::event> marks_codec::over_limit() {
    const std::size_t unsure = longest_ - (which_ == mistake::full_message_refused ? 2 : 1);
    if (now_.passed + now_.collected.size() <= limit() + unsure) return std::nullopt;
    if (fields().oversize == weir::oversize_rule::close)
        return fail(errc::too_large, now_.frame_at + fields().start.size() + limit());
    const std::size_t kept = now_.oversize || which_ != mistake::mark_forgotten_when_skipping ? longest_ - 1 : 0;
    const std::size_t dropped = now_.collected.size() - kept;
    now_.oversize = true;
    now_.passed += dropped;
    now_.collected = bytes(now_.collected.view().from(dropped));
    return std::nullopt;
}

std::size_t marks_codec::mark_at_end() {
    const bytes_view all = now_.collected;
    if (which_ == mistake::restart_without_the_byte) {
        // The mistake: a single index into one mark.
        const bytes& mark = fields().marks.front();
        now_.matched = all[all.size() - 1] == mark[now_.matched] ? now_.matched + 1 : 0;
        return now_.matched == mark.size() ? mark.size() : 0;
    }
    std::size_t found = 0;
    const std::size_t in_piece = all.size() - std::min(now_.piece_from, all.size());
    for (const auto& mark : fields().marks) {
        if (!ends_with(all, mark)) continue;
        if (which_ == mistake::marks_only_in_one_piece && mark.size() > in_piece) continue;
        if (which_ == mistake::long_mark_only_in_one_piece && mark.size() > in_piece && mark.size() == longest_)
            continue;
        found = std::max(found, mark.size());
    }
    return found;
}

codec::event marks_codec::ended(std::size_t mark_bytes) {
    const std::uint64_t size = now_.passed + now_.collected.size() - mark_bytes;
    if (size > limit()) {
        if (fields().oversize == weir::oversize_rule::close)
            return fail(errc::too_large, now_.frame_at + fields().start.size() + limit());
        forget();
        return {decoder::skipped, {}, false, which_ == mistake::skipped_size_with_mark ? size + mark_bytes : size};
    }
    return deliver(now_.collected.view().first(static_cast<std::size_t>(size)));
}

// A body with byte stuffing is collected unstuffed. All such framings here have a single end mark of one byte.
std::optional<codec::event> marks_codec::stuffed_body(std::byte next) {
    const auto& pairs = fields().escapes;
    const bool later = which_ == mistake::unescape_one_after_the_other;
    const std::size_t check = fields().check_bytes();
    const bool second = std::exchange(escaped(), false);
    if (second && !later) {
        const auto pair =
            std::find_if(pairs.begin(), pairs.end(), [&](const auto& one) { return one.wire[1] == next; });
        if (pair == pairs.end() && which_ != mistake::unknown_escape_is_itself)
            return fail(errc::malformed, now_.at - 2);
        now_.wire_xor ^= static_cast<std::uint8_t>(next);
        now_.collected.append(static_cast<std::uint8_t>(pair == pairs.end() ? next : pair->plain[0]));
    } else if (next == fields().marks.front()[0]) {
        if (later) now_.collected = unescaped_in_turn();
        if (now_.collected.size() < check) return fail(errc::malformed, now_.frame_at);
        const std::size_t size = now_.collected.size() - check;
        const bytes_view payload = now_.collected.view().first(size);
        if (size > limit()) return fail(errc::too_large, now_.frame_at + fields().start.size() + limit());
        const bool holds = which_ == mistake::checksum_over_stuffed
                               ? now_.wire_xor == 0
                               : check == 0 || checksum_holds(payload, now_.collected.view().from(size));
        if (!holds) return fail(errc::malformed, now_.at - 1 - check);
        return deliver(payload);
    } else {
        now_.wire_xor ^= static_cast<std::uint8_t>(next);
        if (next == pairs.front().wire[0]) escaped() = true;
        if (later || next != pairs.front().wire[0]) now_.collected.append(static_cast<std::uint8_t>(next));
    }
    // As in the decoder of weir: a payload byte may use two bytes on the wire, and the size is unknown until the mark.
    const std::uint64_t on_wire = now_.at - now_.frame_at - fields().start.size();
    const std::uint64_t counted = which_ == mistake::limit_counts_wire ? on_wire : on_wire / 2;
    if (counted <= limit() + check) return std::nullopt;
    return fail(errc::too_large, now_.frame_at + fields().start.size() + limit());
}

bytes marks_codec::unescaped_in_turn() const {
    bytes plain = now_.collected;
    for (const auto& pair : fields().escapes) {
        bytes replaced;
        for (std::size_t i = 0; i < plain.size(); ++i) {
            const bool here = i + 1 < plain.size() && plain[i] == pair.wire[0] && plain[i + 1] == pair.wire[1];
            replaced.append(static_cast<std::uint8_t>(here ? pair.plain[0] : plain[i]));
            if (here) ++i;
        }
        plain = replaced;
    }
    return plain;
}

void marks_codec::piece_begins(bytes_view) {
    now_.piece_from = now_.collected.size();
    if (which_ == mistake::escape_forgotten_between_pieces) now_.escaped = false;
    if (which_ == mistake::searches_again) looked_ += now_.collected.size();
    // A correct decoder does not store where the piece began.
    if (which_ != mistake::marks_only_in_one_piece && which_ != mistake::long_mark_only_in_one_piece)
        now_.piece_from = 0;
}

weir::result<void> marks_codec::encode(bytes_view payload, weir::buffer& out) const {
    const bytes& mark = fields().marks.front();
    if (which_ == mistake::mark_made_with_payload && payload.size() <= limit() &&
        payload.text().find(mark.text()) == std::string_view::npos) {
        out.append(payload);
        out.append(mark);
        return {};
    }
    if (which_ == mistake::checksum_not_stuffed && payload.size() <= limit()) {
        weir::running_checksum sum(fields().checksum);
        sum.update(payload);
        out.append(fields().start);
        for (const std::byte plain : payload.span()) {
            const auto& pairs = fields().escapes;
            const auto pair =
                std::find_if(pairs.begin(), pairs.end(), [&](const auto& one) { return one.plain[0] == plain; });
            out.append(pair == pairs.end() ? bytes_view(&plain, 1) : bytes_view(pair->wire));
        }
        weir::put_checksum(sum.value(), fields().check_bytes(), fields().check_byte_order(), out);
        out.append(mark);
        return {};
    }
    return codec::encode(payload, out);
}

const std::string http = R"(delimited:"\r\n"/"\n",max=64)";
const std::string blank_line = R"(delimited:"\r\n\r\n",max=64)";
const std::string two_lf = R"(delimited:"\n\n",max=64)";
const std::string mllp = "delimited:1c0d,start=0b,max=64";
const std::string jtt808 = "delimited:7e,start=7e,escape=7d01:7d/7d02:7e,max=64,check=xor8";
const std::string slip = "delimited:c0,escape=dbdc:c0/dbdd:db,max=64";
const std::string skipping = R"(delimited:"\r\n",max=16,oversize=skip)";

std::vector<bytes> texts() { return {bytes("GET /"), bytes(""), bytes("a"), bytes(std::string(16, 'x'))}; }
std::vector<bytes> stuffed() {
    return {bytes{0x7d, 0x02}, bytes{0x7e, 0x01, 0x7d}, bytes{},
            bytes{0x7d},       bytes{0xdb, 0xdc, 0xc0}, bytes{0x3f, 0x41}};
}

}  // namespace

void plant_marks(std::vector<planted>& all) {
    using enum marks_codec::mistake;
    const auto add = [&](const std::string& text, marks_codec::mistake which, const char* said,
                         std::vector<bytes> messages) {
        all.push_back(plant<marks_codec>(text, which, said, std::move(messages)));
    };
    // "\r\n" or "\n" ends a line. A CR that was the last byte of a read stays in the line. Hand-written HTTP and Redis
    // readers.
    add(http, long_mark_only_in_one_piece, "a CR split from its LF stays in the message", texts());
    // strstr() searches only the result of one recv(). MLLP listeners that hang when FS and CR arrive in two segments.
    add(mllp, marks_only_in_one_piece, "an end mark split by a read is not seen", texts());
    // The index into the mark is set to 0, but the byte is not compared again: "\r\n\r\r\n\r\n" has no end. Header
    // parsers.
    add(blank_line, restart_without_the_byte, "after half a mark the byte that broke it is not tried as its first",
        {bytes("a"), bytes("Host: x\r"), bytes("\r"), bytes("a\r\n\r")});
    // "Robust" readers that search for the start byte, and do not report the bytes that they drop. NMEA and MLLP.
    add(mllp, noise_before_start, "bytes in front of a start mark are dropped without a word", texts());
    // replace(7d01, 7d), then replace(7d02, 7e): 7d 02 is sent as 7d 01 02 and decoded to 7e. A known trap of JT/T 808.
    add(jtt808, unescape_one_after_the_other, "two replacements in turn", stuffed());
    // The flag of a partial escape pair is a local variable of the read callback. SLIP drivers.
    add(slip, escape_forgotten_between_pieces, "a partial escape pair", stuffed());
    // The code of RFC 1055: an unknown second byte is taken unchanged, so the END in db c0 does not end the message.
    add(slip, unknown_escape_is_itself, "an escape in front of the end mark swallows it", stuffed());
    // The checksum is computed while bytes arrive, before they are unescaped. JT/T 808 terminals.
    add(jtt808, checksum_over_stuffed, "the checksum is taken of the stuffed bytes", stuffed());
    // The checksum is appended after the escaped body, without escapes. One message in 128 is broken: 3f 41 has the
    // checksum 7e. JT/T 808.
    add(jtt808, checksum_not_stuffed, "the encoder does not stuff the checksum", stuffed());
    // buffer[max + sizeof mark] and >= in place of >: a message of max bytes fails before the last byte of its mark.
    add(blank_line, full_message_refused, "a message of exactly max bytes is refused",
        {bytes(std::string(64, 'm')), bytes(std::string(63, 'm'))});
    // The receive buffer has max bytes and contains stuffed bytes: a short message with many 7e is refused.
    add(jtt808, limit_counts_wire, "the limit counts stuffed bytes", {bytes(std::string(60, '~')), bytes("a")});
    // When a message is too large, the buffer is cleared, with a CR whose LF has not arrived. The mark is then not
    // found, and two messages are lost.
    add(skipping, mark_forgotten_when_skipping, "skipping loses a mark that had begun", texts());
    // The search begins at the front after each read, so a line in pieces of one byte is quadratic work. Many programs,
    // in all languages.
    add(R"(delimited:"\r\n\r\n",max=4096)", searches_again, "each piece is searched from the front again",
        {bytes(std::string(4000, 'q')), bytes("a")});
    // Only the payload is searched for the mark: "a\n" followed by "\n\n" ends one byte early. The dot of SMTP, and
    // multipart bodies.
    add(two_lf, mark_made_with_payload, "the payload's end makes a mark with the mark",
        {bytes("a"), bytes("a\nb"), bytes("")});
    // A static variable in the parse function: a stream that ended in half a pair damages the next connection. Firmware
    // in C.
    add(slip, escape_shared, "half an escape pair of one stream falls upon another", stuffed());
    // The size in a log line is that of the whole frame instead of the message.
    add(skipping, skipped_size_with_mark, "the size of a skipped message counts its mark", texts());
    // Only half a mark is left, and the program concludes that nothing was lost: a CR at the end of a stream is neither
    // a message nor an error.
    add(R"(delimited:"\r\n",max=64)", trailing_mark_is_no_end, "a stream that ends in one byte of a message ends well",
        texts());
}

void sound_marks(std::vector<planted>& all) {
    for (const auto& text : {http, blank_line, two_lf, mllp, skipping, std::string(R"(delimited:"\r\n\r\n",max=4096)"),
                             std::string(R"(delimited:"\r\n",max=64)")})
        all.push_back(plant<marks_codec>(text, marks_codec::mistake::none, "", texts()));
    for (const auto& text : {jtt808, slip})
        all.push_back(plant<marks_codec>(text, marks_codec::mistake::none, "", stuffed()));
}

}  // namespace planted::others
