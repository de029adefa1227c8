#include "tests/laws/any_framing.h"

#include <algorithm>
#include <utility>

#include "tests/laws/straight_subject.h"
#include "weir/base/text.h"
#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/encoder.h"

using namespace weir;
using namespace std::string_view_literals;

namespace any_framing {
namespace {

using kind = framing_kind;

bytes some_bytes(choices& draw, std::size_t least, std::size_t most) {
    // Half of the bytes are from a small set, so that marks often have bytes in common, and overlap.
    constexpr std::string_view few = "a\n\r}~";
    bytes made;
    for (auto left = draw.between(least, most); left != 0; --left)
        made.append(draw.flip() ? static_cast<std::uint8_t>(draw.one_of(few))
                                : static_cast<std::uint8_t>(draw.below(256)));
    return made;
}

constexpr std::string_view digit_ends[] = {" ", ":", "\r\n", ","};

void describe_number(choices& draw, description& fields) {
    const unsigned bits = 8u * fields.width;
    if (draw.one_in(4)) {
        const auto dropped = 1 + draw.below(bits - 1);
        fields.mask = (UINT64_MAX >> (64 - bits)) >> dropped;
        if (draw.flip()) fields.flags = draw.below(UINT64_MAX) & (UINT64_MAX >> (64 - bits)) & ~*fields.mask;
    }
    if (draw.one_in(4)) fields.times = 1 + draw.below(8);
}

void describe_prefix(choices& draw, description& fields) {
    constexpr std::uint8_t widths[] = {1, 2, 3, 4, 8};
    const std::uint64_t most_digits = fields.kind == kind::decimal ? most_length_digits : 16;
    if (fields.kind == kind::length) {
        fields.width = draw.one_of(widths);
        fields.order = static_cast<byte_order>(draw.below(2));
        describe_number(draw, fields);
    } else if (fields.kind == kind::decimal || fields.kind == kind::hex) {
        fields.width = static_cast<std::uint8_t>(draw.flip() ? draw.between(1, 4) : draw.between(1, most_digits));
    } else if (fields.kind == kind::digits) {
        fields.length_end = draw.flip() ? bytes(draw.one_of(digit_ends)) : some_bytes(draw, 1, 3);
    } else {
        fields.overlong_allowed = draw.flip();
    }
    fields.counts = static_cast<counts_rule>(draw.below(4));
    if (draw.one_in(4)) fields.when_short = short_rule::empty;
    if (draw.one_in(3)) fields.after = 1 + draw.below(draw.one_in(4) ? 20 : 4);
    if (draw.flip()) fields.header = static_cast<header_rule>(draw.below(3));
    if (draw.one_in(3)) fields.trailer = some_bytes(draw, 1, draw.one_in(6) ? 16 : 3);
    if (draw.one_in(3)) fields.magic = some_bytes(draw, 0, draw.one_in(3) ? 16 : 4);
    fields.offset = fields.magic.size() + (draw.flip() ? draw.below(draw.one_in(8) ? 40 : 5) : 0);
}

void describe_marks(choices& draw, description& fields) {
    for (auto left = 1 + draw.below(draw.one_in(3) ? 4 : 1); left != 0; --left) {
        bytes mark = some_bytes(draw, 1, draw.one_in(6) ? 16 : 3);
        if (!fields.marks.empty() && draw.one_in(3)) mark.append(fields.marks[0]);  // like CR LF and LF
        fields.marks.push_back(std::move(mark));
    }
    if (draw.one_in(3)) fields.start = draw.one_in(3) ? fields.marks[0] : some_bytes(draw, 0, 3);
    if (draw.flip()) return;
    // Escapes for the escape byte and for the first byte of the end mark, as in PPP and JT/T 808.
    const bytes lead = some_bytes(draw, 1, 1);
    const bytes plains[] = {lead, fields.marks[0].view().first(1), some_bytes(draw, 1, 1)};
    std::uint8_t second = 1;
    for (const auto& plain : plains) {
        if (plain != lead && plain == fields.marks[0] && draw.one_in(8)) continue;
        substitution one(lead, plain);
        if (draw.one_in(8)) {
            one.wire.append(fields.marks[0].view().first(1));  // a contradiction, which is refused
        } else {
            one.wire.append(second++);
        }
        fields.escapes.push_back(std::move(one));
        if (draw.one_in(3)) break;
    }
}

// The first bytes of other protocols, and lengths that are too large or malformed.
constexpr std::string_view openings[] = {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,
                                         "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02"sv,
                                         "GET / HTTP/1.1\r\n"sv,
                                         "SSH-2.0-x\r\n"sv,
                                         "\x16\x03\x01\x02\x00"sv,
                                         "\x7f\xff\xff\xff\xff\xff\xff\xff"sv,
                                         "999999999999999999:"sv,
                                         "1000000000000000000:"sv,
                                         "01:a,"sv,
                                         "5:hello;"sv,
                                         "\x80\x00"sv};

// Returns the framing without its limit. The bytes on the wire do not depend on `max`, `empty` and `header`.
framing unlimited(description fields) {
    fields.oversize = oversize_rule::close;
    fields.max = std::nullopt;
    fields.header = header_rule::strip;
    fields.empty = empty_rule::allow;
    return *framing::make(std::move(fields));
}

// Returns bytes that are special in this framing.
bytes telling_bytes(const description& fields) {
    bytes telling(std::string_view("\r\n\0:,09", 7));
    for (const auto& mark : fields.marks) telling.append(mark);
    for (const auto& one : fields.escapes) telling.append(one.wire);
    telling.append(fields.start);
    telling.append(fields.magic);
    telling.append(fields.trailer);
    telling.append(fields.length_end);
    if (fields.kind == kind::header) telling.append(" +-\tx");
    return telling;
}

std::vector<bytes> messages_for(choices& draw, const framing& described) {
    const description& fields = described.fields();
    const bytes telling = telling_bytes(fields);
    const std::uint64_t limit = std::min<std::uint64_t>(fields.limit(), 40);
    const bool sized = fields.kind == kind::fixed || fields.kind == kind::record;
    std::vector<bytes> messages;
    for (auto more = draw.part(); messages.size() < 10 && draw.below(5) != 0; more.next()) {
        std::uint64_t size = sized && !draw.one_in(16) ? limit : draw.below(draw.flip() ? 6 : 24);
        if (!sized && draw.one_in(4)) size = limit + draw.below(4) - std::min<std::uint64_t>(limit, 1);
        if (!sized && draw.one_in(32)) size = 100 + draw.below(50);
        bytes message = draw.content(static_cast<std::size_t>(size));
        for (auto changes = draw.below(4); changes != 0 && !message.empty(); --changes)
            message[static_cast<std::size_t>(draw.below(message.size()))] = draw.one_of(telling);
        messages.push_back(std::move(message));
    }
    return messages;
}

// Returns the frames of these messages. Messages over the limit are encoded, too.
bytes frames_of(const framing& described, const std::vector<bytes>& messages) {
    const encoder encode(unlimited(described.fields()));
    buffer frames;
    for (const auto& message : messages) static_cast<void>(encode.encode(message, frames));
    return bytes(frames.view());
}

void change(choices& draw, const bytes& telling, bytes& stream) {
    for (auto each = draw.part(); !stream.empty() && draw.below(3) != 0; each.next()) {
        const auto place = static_cast<std::size_t>(draw.below(stream.size()));
        bytes changed(stream.view().first(place));
        const std::uint64_t how = draw.below(6);
        if (how == 0) changed.append(static_cast<std::uint8_t>(draw.below(256)));
        if (how == 1) changed.append(static_cast<std::uint8_t>(std::to_integer<unsigned>(stream[place]) + 1));
        if (how >= 4) changed.append(std::to_integer<std::uint8_t>(draw.one_of(telling)));
        // 1, 4: replace a byte; 2: remove it; 0, 5: insert one; 3: cut the rest off.
        if (how != 3) changed.append(stream.view().from(place + (how == 1 || how == 2 || how == 4 ? 1 : 0)));
        stream = std::move(changed);
    }
}

bytes stream_for(choices& draw, const framing& described, const std::vector<bytes>& messages) {
    bytes stream = frames_of(described, messages);
    if (draw.flip()) change(draw, telling_bytes(described.fields()), stream);
    if (draw.one_in(4)) {
        const bytes frames = draw.flip() ? stream : bytes();
        if (draw.flip()) stream.clear();
        stream.append(draw.one_of(openings));
        stream.append(frames);
    }
    if (draw.one_in(4)) stream.append(some_bytes(draw, 0, 30));
    return stream;
}

// Returns the events of a decoder that switches to another framing after `after` messages, as text.
std::string switched(const framing& first, const framing& second, std::uint64_t after, bytes_view stream,
                     std::size_t piece) {
    decoder decode(first);
    std::string said;
    std::uint64_t messages = 0;
    bool turned = false;
    for (std::size_t fed = 0;;) {
        if (!turned && messages == after) {
            decode.switch_to(second);
            turned = true;
        }
        const auto step = decode.next();
        if (step.what == decoder::failed)
            return said + decode.failure().message() + " at " + std::to_string(decode.failed_at());
        if (step.what == decoder::end) return said + " end";
        if (step.what == decoder::message || step.what == decoder::skipped ||
            (step.what == decoder::piece && step.last))
            ++messages;
        if (step.what != decoder::more) {
            said += std::string(step.payload.text());
            if (step.what != decoder::piece || step.last) said += "|" + std::to_string(step.size);
            continue;
        }
        if (piece != stream.size()) {
            decoder_memory::trim(decode);
            if (fed % 3 == 1) decode = decoder(decode);
        }
        if (fed == stream.size()) {
            decode.finish();
            continue;
        }
        const std::size_t size = std::min(piece, stream.size() - fed);
        decode.feed(stream.part(fed, size));
        fed += size;
    }
}

laws::broken_law switching(choices& draw, const framing& first, const framing& second,
                           const std::vector<bytes>& messages) {
    bytes stream = frames_of(first, messages);
    stream.append(frames_of(second, messages));
    const std::uint64_t after = draw.below(messages.size() + 1);
    const std::string whole = switched(first, second, after, stream, std::max<std::size_t>(stream.size(), 1));
    for (const std::size_t piece : {1u, 2u, 3u, 7u}) {
        const std::string cut = switched(first, second, after, stream, piece);
        if (cut == whole) continue;
        return "switching from " + first.to_string() + " to " + second.to_string() + " after " + std::to_string(after) +
               " messages depends on the pieces:\n" + whole + "\nin pieces of " + std::to_string(piece) + ":\n" + cut;
    }
    return {};
}

// Returns the events of a decoder for the rest of a stream, as text.
std::string rest_of(decoder decode, bytes_view rest) {
    decode.feed(rest);
    std::string said;
    for (bool finished = false;;) {
        const auto step = decode.next();
        if (step.what == decoder::failed)
            return said + decode.failure().message() + " at " + std::to_string(decode.failed_at());
        if (step.what == decoder::end) return said + " end";
        if (step.what != decoder::more) {
            said += std::string(step.payload.text()) + (step.what == decoder::piece && !step.last ? "+" : "|");
            continue;
        }
        if (std::exchange(finished, true)) return said + " open";
        decode.finish();
    }
}

// Returns a decoder that was fed these bytes and has returned all of its events.
decoder fed(const framing& described, bytes_view stream) {
    decoder decode(described);
    decode.feed(stream);
    for (;;) {
        const auto what = decode.next().what;
        if (what == decoder::more || what == decoder::failed) return decode;
    }
}

// Checks that equal decoders continue in the same way, and that a decoder that was fed more bytes, was finished, or has
// another framing is not equal.
laws::broken_law equality(choices& draw, const framing& described, bytes_view stream) {
    const auto broken = [&](std::string_view what) {
        return described.to_string() + ": " + std::string(what) + ": " + to_hex(stream);
    };
    const auto place = static_cast<std::size_t>(draw.below(stream.size() + 1));
    const decoder one = fed(described, stream.first(place));
    const bool failed = decoder(one).next().what == decoder::failed;
    if (!(one == fed(described, stream.first(place)))) return broken("the same bytes give decoders that differ");
    if (!failed && place != stream.size() && one == fed(described, stream.first(place + 1)))
        return broken("equal, though one was fed more");
    decoder ended = one;
    ended.finish();
    if (ended == one) return broken("equal, though one was told the end");
    if (decoder(described) == decoder(*framing::make(description(framing_kind::netstring))) &&
        described.fields().kind != framing_kind::netstring)
        return broken("equal to one of another framing");
    bytes changed(stream.first(place));
    if (place == 0) return {};
    changed[static_cast<std::size_t>(draw.below(place))] ^= static_cast<std::byte>(1 + draw.below(255));
    const decoder other = fed(described, changed);
    if (!(one == other) || rest_of(one, stream.from(place)) == rest_of(other, stream.from(place))) return {};
    return broken("equal decoders go on differently behind " + to_hex(changed) + " and so many bytes");
}

laws::broken_law all_laws(choices& draw, const laws::subject& tested, bytes_view stream,
                          const std::vector<bytes>& messages) {
    laws::effort effort = laws::effort::quick();
    effort.seed = draw.below(256);
    const std::vector<bytes> few(messages.begin(),
                                 messages.begin() + std::min<std::ptrdiff_t>(3, std::ssize(messages)));
    if (auto broken = laws::round_trip(tested, messages)) return broken;
    if (auto broken = laws::closure(tested, stream)) return broken;
    if (auto broken = laws::fidelity(tested, stream)) return broken;
    if (auto broken = laws::checksum(tested, few)) return broken;
    if (auto broken = laws::boundary(tested, stream, few)) return broken;
    if (auto broken = laws::segmentation(tested, stream, effort)) return broken;
    if (auto broken = laws::confluence(tested, stream, effort)) return broken;
    if (auto broken = laws::bounded(tested, stream)) return broken;
    if (auto broken = laws::finality(tested, stream)) return broken;
    if (stream.size() <= 60) {
        if (auto broken = laws::independence(tested, stream)) return broken;
    }
    if (stream.size() <= 20) {
        if (auto broken = laws::faithful_state(tested, stream)) return broken;
    }
    if (draw.one_in(64)) return laws::shift(tested, stream, few, effort.shift_bytes);
    return {};
}

}  // namespace

std::optional<framing_kind> kind_of(std::string_view word) {
    constexpr kind kinds[] = {kind::lines,  kind::delimited, kind::fixed,  kind::length, kind::varint,
                              kind::ber,    kind::decimal,   kind::hex,    kind::digits, kind::header,
                              kind::record, kind::netstring, kind::chunks, kind::idle};
    static_assert(std::size(kinds) == std::size(kind_words));
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
        if (kind_words[i] == word) return kinds[i];
    }
    return std::nullopt;
}

description describe(choices& draw, framing_kind which) {
    constexpr const char* records[] = {"!B", "!Hx", "<IH", "!2s", "!?e", "=3p"};
    description fields(which);
    if (which == kind::lines) {
        fields.crlf = draw.flip();
        fields.end = static_cast<end_rule>(draw.below(2));
    }
    if (which == kind::delimited) describe_marks(draw, fields);
    if (fields.has_length()) describe_prefix(draw, fields);
    if (which == kind::header) {
        fields.length_name = draw.flip() ? "Content-Length" : "n";
        fields.header = static_cast<header_rule>(draw.below(2));
    }
    if (which == kind::fixed) fields.size = 1 + draw.below(9);
    if (which == kind::record) fields.fields = draw.one_of(records);
    if (which == kind::idle) fields.gap = std::chrono::milliseconds(1 + draw.below(50));
    if (which != kind::fixed && which != kind::record) {
        if (!draw.one_in(4)) fields.max = draw.below(draw.flip() ? 6 : 30);
        if (draw.one_in(16)) fields.max = UINT64_MAX;
        if (which != kind::chunks) fields.oversize = static_cast<oversize_rule>(draw.below(3));
        if (which != kind::chunks && which != kind::idle)
            fields.empty = draw.one_in(4) ? static_cast<empty_rule>(1 + draw.below(2)) : empty_rule::allow;
    }
    if (which != kind::chunks && draw.one_in(3)) {
        fields.checksum = static_cast<checksum_kind>(draw.below(14));
        if (fields.checksum != checksum_kind::none) {
            if (draw.flip()) fields.cover = draw.below(fields.has_length() ? fields.offset + 1 : 4);
            if (draw.flip()) fields.check_order = static_cast<byte_order>(draw.below(2));
        }
    }
    return fields;
}

laws::broken_law trial(choices& draw, std::optional<framing_kind> which) {
    const framing_kind chosen = which ? *which : *kind_of(draw.one_of(kind_words));
    const auto made = framing::make(describe(draw, chosen));
    if (!made) return {};
    const auto tested = laws::subject_of(*made);
    const auto messages = messages_for(draw, *made);
    const bytes stream = stream_for(draw, *made, messages);
    if (auto broken = all_laws(draw, *tested, stream, messages)) return broken;
    if (auto broken = equality(draw, *made, stream)) return broken;
    if (tested->depends_on() != laws::sensitivity::cuts && draw.one_in(4)) {
        if (auto broken = all_laws(draw, straight_subject(*made), stream, messages)) return broken;
    }
    if (tested->depends_on() != laws::sensitivity::nothing) return {};
    if (const auto generous = tested->generous()) {
        if (auto broken = laws::resync(*tested, *generous, messages, laws::effort::quick())) return broken;
    }
    if (!draw.one_in(4)) return {};
    const auto other = framing::make(describe(draw, draw.flip() ? chosen : kind::lines));
    if (!other || laws::subject_of(*other)->depends_on() != laws::sensitivity::nothing) return {};
    return switching(draw, *made, *other, messages);
}

std::string smallest(const choices::numbers& failing, std::optional<framing_kind> which) {
    const auto row = shrink(failing, [&](choices& from) { return trial(from, which).has_value(); }, 2000);
    choices draw = choices::replay(row);
    const auto broken = trial(draw, which);
    return (broken ? *broken : "it does not break when it is run again") + "\nCHOICES=" + choices::say(row) +
           " replays it";
}

}  // namespace any_framing
