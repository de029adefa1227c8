#include "weir/framing/decoder.h"

#include <algorithm>
#include <functional>

#include "weir/base/text.h"
#include "weir/framing/decoder_state.h"
#include "weir/framing/hint.h"

namespace weir {
namespace {

// How much input is taken into the tail at a time while the end of a torn frame is searched for: as much again as is there, within
// these. What lies behind the end is given back, so this bounds the bytes that are copied in vain.
constexpr std::size_t least_search_bytes = 128;
constexpr std::size_t most_search_bytes = 4096;

}  // namespace

decoder::torn_frame::torn_frame() = default;
decoder::torn_frame::~torn_frame() = default;

decoder::decoder(framing described) : scan_(std::byte{'\n'}), framing_(std::move(described)) {
    set_framing();
    quick_ = quick_way();
}

decoder::decoder(const decoder& other)
    : format_(other.format_), limit_(other.limit_), looked_(other.looked()), scan_(std::byte{'\n'}),
      state_(other.state_), finished_(other.finished_), gap_(other.gap_), check_bytes_(other.check_bytes_),
      fed_(other.fed_), framing_(other.framing_) {
    WEIR_CHECK(other.cursor_ == other.end_, "a decoder is copied only after next() said more, end or failed");
    if (other.torn_ == nullptr) return;
    const torn_frame& from = *other.torn_;
    torn().tail.append(from.tail.view().from(from.used));
    torn_->searched = from.searched;
    torn_->need = from.need;
    torn_->settled = from.settled;
    torn_->known = from.known;
    if (from.passing != nullptr) torn_->passing = std::make_unique<passage>(*from.passing);
    if (from.failure != nullptr) torn_->failure = std::make_unique<failing>(*from.failure);
}

decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(const decoder& other) { return *this = decoder(other); }
decoder& decoder::operator=(decoder&&) noexcept = default;
decoder::~decoder() = default;

void decoder::set_framing() {
    format_ = &framing_.machine();
    limit_ = framing_.limit();
    check_bytes_ = static_cast<std::uint8_t>(framing_.fields().check_bytes());
}

void decoder::begin_frame() noexcept {
    state_ = state::frame;
    gap_ = false;
    if (torn_ == nullptr) return;
    torn_->searched = 0;
    torn_->need = 0;
    torn_->settled = 0;
    torn_->known = {};
}

void decoder::feed(bytes_view input) {
    WEIR_CHECK(cursor_ == end_, "decoder::feed() before next() said more: the input that was fed is not used up");
    WEIR_CHECK(!finished_, "decoder::feed() after finish()");
    if (state_ == state::failed) return;
    if (quick_ == quick::lines) looked_ += scan_.take_looked(cursor_);
    cursor_ = input.begin();
    end_ = input.end();
    fed_ += input.size();
    if (torn_ != nullptr) torn_->borrowed = 0;
    scan_.start(cursor_);
}

std::span<std::byte> decoder::room(std::size_t expected, std::size_t least) {
    if (torn_ == nullptr || torn_->used != 0 || cursor_ != end_ || finished_) return {};
    std::uint64_t most = 0;
    if (torn_->tail.empty()) {
        if (state_ == state::frame) most = expected;
    } else if (state_ == state::known) {
        most = missing();
    } else if (state_ == state::frame && format_->searches()) {
        most = UINT64_MAX;
    }
    const auto free = torn_->tail.prepare(0);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(free.size(), most));
    return size < least ? std::span<std::byte>() : free.first(size);
}

void decoder::collected(std::size_t count) {
    if (quick_ == quick::lines) looked_ += scan_.take_looked(cursor_);
    quick_ = quick::no;
    torn().tail.commit(count);
    fed_ += count;
    torn_->borrowed = 0;
}

void decoder::finish() { finished_ = true; }

void decoder::gap() { gap_ = framing_.fields().kind == framing_kind::idle; }

decoder::event decoder::next_slowly(std::size_t searched, const verdict* measured) {
    if (cursor_ == end_ &&
        (torn_ == nullptr || (quick_ != quick::no && !finished_))) {  // whole messages were all there was
        gap_ = false;
        if (!finished_) return more;
        state_ = state::ended;
        return end;
    }
    if (torn().used != 0) {
        torn_->tail.consume(torn_->used);
        torn_->used = 0;
    }
    torn_->searched = std::max(torn_->searched, searched);
    if (quick_ == quick::lines) looked_ += scan_.take_looked(cursor_);
    quick_ = quick::no;
    const event happened = measured != nullptr ? settle(*measured) : advance();
    // Only input in which a whole message may lie is for the quick way.
    if (state_ == state::frame && torn_->tail.empty()) {
        quick_ = quick_way();
        if (quick_ == quick::lines) scan_.resume(cursor_);
    }
    return happened;
}

decoder::quick decoder::quick_way() const noexcept {
    const description& fields = framing_.fields();
    if (check_bytes_ == 0 && !fields.keep_header && fields.empty_allowed) {
        switch (fields.kind) {
            case framing_kind::length:
                if (static_cast<const length_format*>(format_)->has_quick_way()) return quick::length;
                break;
            case framing_kind::lines: return quick::lines;
            case framing_kind::fixed:
            case framing_kind::record: return quick::fixed;
            default: break;
        }
    }
    return format_->stuffs() || fields.kind == framing_kind::idle ? quick::no : quick::whole;
}

// A frame that lies whole in the input, and that nothing is wrong with. All others are for the slow way.
decoder::event decoder::next_whole() {
    std::size_t searched = 0;
    if (cursor_ != end_) {
        const verdict said = format_->measure({{cursor_, rest()}, 0, false}, looked_);
        if (said.what == verdict::answer::frame && sound(said)) {
            const std::size_t left_out = framing_.fields().keep_header ? 0 : said.header;
            const bytes_view payload(cursor_ + left_out, said.header + said.body - check_bytes_ - left_out);
            cursor_ += said.header + said.body + said.trailer;
            return {message, payload};
        }
        if (said.what == verdict::answer::frame) return next_slowly(0, &said);
        if (said.what == verdict::answer::more) searched = rest();
    }
    return next_slowly(searched);
}

bool decoder::sound(const verdict& frame) const {
    const description& fields = framing_.fields();
    const std::uint64_t payload =
        frame.body - check_bytes_;  // wraps to more than any limit when the checksum has no room
    if (payload > limit_ || frame.header + frame.body + frame.trailer > rest()) return false;
    if (fields.keep_header && payload + frame.header > limit_) return false;
    if (payload == 0 && !fields.empty_allowed) return false;
    const bytes_view whole(cursor_, frame.header + frame.body + frame.trailer);
    if (check_bytes_ != 0) {
        const std::size_t from = fields.cover.value_or(frame.header);
        running_checksum sum(fields.checksum);
        sum.update(whole.part(from, frame.header + payload - from));
        if (!checksum_holds(sum, whole.part(frame.header + payload, check_bytes_))) return false;
    }
    if (frame.trailer == 0 || format_->searches()) return true;
    return format_
        ->refuse_trailer(whole.first(frame.header), whole.part(frame.header, frame.body),
                         whole.from(frame.header + frame.body))
        .empty();
}

decoder::event decoder::advance() {
    switch (state_) {
        case state::failed: return failed;
        case state::ended: return end;
        case state::passing: return pass();
        case state::known:
            if (!gather(torn_->need, false)) return starve();
            return deliver(torn_->known);
        case state::frame: break;
    }
    return measure_frame();
}

decoder::event decoder::measure_frame() {
    for (;;) {
        if (window().empty() && finished_) {
            state_ = state::ended;
            return end;
        }
        if (window().empty()) gap_ = false;
        if (window().empty() || (window().size() < torn_->need && !gather(torn_->need, format_->searches())))
            return starve();
        const bytes_view seen = window();
        const verdict said = format_->measure({seen, std::min(torn_->searched, seen.size()), false}, looked_);
        hold_to(said);
        if (said.what == verdict::answer::frame) return settle(said);
        if (over_limit(said.body)) return exceed(said, false);
        if (said.what == verdict::answer::broken) {
            return refuse(errc::malformed, offset() + said.header, format_->explain(seen, said.header));
        }
        torn_->searched = seen.size();
        torn_->need = said.trailer;
        torn_->settled = said.body;
    }
}

// Makes the window at least `wanted` bytes, from the input; false when the input did not suffice: then all of it is in the tail.
bool decoder::gather(std::uint64_t wanted, bool searching) {
    if (window().size() >= wanted) return true;
    std::uint64_t missing = wanted - torn_->tail.size();
    // What was searched in vain belongs to the torn frame as a whole; behind it the search goes on by portions.
    if (searching)
        missing = std::max<std::uint64_t>(
            missing,
            torn_->tail.empty() ? rest() : std::clamp(torn_->tail.size(), least_search_bytes, most_search_bytes));
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(missing, rest()));
    torn_->tail.append({cursor_, taken});
    cursor_ += taken;
    torn_->borrowed += taken;
    return torn_->tail.size() >= wanted;
}

// Takes `size` bytes off the front of the window, to be looked at until the next call. What the search took into the tail behind
// them goes back to the input.
bytes_view decoder::lend(std::size_t size) {
    const bytes_view lent = window().first(size);
    if (torn_->tail.empty()) {
        cursor_ += size;
        return lent;
    }
    const std::size_t given_back = std::min(torn_->borrowed, torn_->tail.size() - size);
    torn_->tail.truncate(torn_->tail.size() - given_back);
    cursor_ -= given_back;
    torn_->borrowed -= given_back;
    torn_->used = size;
    return lent;
}

void decoder::drop(std::size_t size) {
    lend(size);
    torn_->tail.consume(torn_->used);
    torn_->used = 0;
}

decoder::event decoder::settle(const verdict& frame) {
    const description& fields = framing_.fields();
    std::uint64_t body = frame.body;
    if (format_->stuffs()) {
        // As if nothing had been stuffed: the header and the body.
        torn_->plain.clear();
        torn_->plain.append(window().first(frame.header));
        format_->unstuff(window().part(frame.header, frame.body), torn_->plain);
        body = torn_->plain.size() - frame.header;
    }
    if (body < check_bytes_) {
        return refuse(errc::malformed, offset() + format_->place_of_size(),
                      "a message of " + say_size(body) + " is shorter than its checksum of " + say_size(check_bytes_));
    }
    const std::uint64_t payload = body - check_bytes_;
    if (payload + (fields.keep_header ? frame.header : 0) > limit_) return exceed(frame, !format_->searches());
    if (payload == 0 && !fields.empty_allowed) {
        return refuse(errc::malformed, offset(), "an empty message, and empty=reject refuses it");
    }
    torn_->known = frame;
    torn_->need = frame.header + frame.body + frame.trailer;
    state_ = state::known;
    return gather(torn_->need, false) ? deliver(torn_->known) : starve();
}

decoder::event decoder::deliver(const verdict& frame) {
    const description& fields = framing_.fields();
    const std::size_t body_end = frame.header + frame.body;
    if (frame.trailer != 0 && !format_->searches()) {
        const bytes_view seen = window();
        auto wrong = format_->refuse_trailer(seen.first(frame.header), seen.part(frame.header, frame.body),
                                             seen.part(body_end, frame.trailer));
        if (!wrong.empty()) return fail(errc::malformed, offset() + body_end, wrong + likeness({}));
    }
    const bytes_view whole = format_->stuffs() ? torn_->plain.view() : window().first(body_end);
    const std::size_t payload_end = whole.size() - check_bytes_;
    if (check_bytes_ != 0) {
        running_checksum sum(fields.checksum);
        const std::size_t from = fields.cover.value_or(frame.header);
        sum.update(whole.part(from, payload_end - from));
        const bytes_view wire = whole.from(payload_end);
        if (!checksum_holds(sum, wire))
            return wrong_checksum(offset() + body_end - check_bytes_, sum.value(), wire, likeness({}));
    }
    const std::size_t begin = fields.keep_header ? 0 : frame.header;
    lend(body_end + frame.trailer);
    begin_frame();
    return {message, whole.part(begin, payload_end - begin)};
}

bool decoder::checksum_holds(const running_checksum& sum, bytes_view wire) const {
    return sum.value() == read_checksum(wire, framing_.fields().check_byte_order());
}

decoder::event decoder::wrong_checksum(std::uint64_t place, std::uint32_t computed, bytes_view wire,
                                       std::string_view remark) {
    buffer expected;
    put_checksum(computed, check_bytes_, framing_.fields().check_byte_order(), expected);
    return fail(errc::malformed, place,
                "the checksum on the wire is " + to_hex(wire) + ", but the message gives " + to_hex(expected.view()) +
                    std::string(remark));
}

decoder::event decoder::fail(errc code, std::uint64_t place, std::string detail) {
    torn_->failure =
        std::make_unique<failing>(failing{error(code, "decode", framing_.to_string(), std::move(detail)), place});
    state_ = state::failed;
    cursor_ = end_;
    torn_->tail.release();
    torn_->used = 0;
    torn_->passing.reset();
    return failed;
}

// The remark, or what the beginning of the frame looks like when that is another protocol. Of a frame that is known its own bytes are asked,
// and no others: so it is the same for every cut.
std::string decoder::likeness(std::string remark) const {
    const bytes_view first = window();
    const auto size = state_ == state::known ? std::min<std::uint64_t>(torn_->need, first.size()) : first.size();
    const std::string_view protocol = known_protocol(first.first(static_cast<std::size_t>(size)));
    if (protocol.empty()) return remark;
    return " (this looks like " + std::string(protocol) + ")";
}

// Fails at a frame whose end is not known. A peer that speaks another protocol is named, which takes as many bytes as its opening has: while they may
// still become one the frame is not refused, so that the sentence is the same for every cut.
decoder::event decoder::refuse(errc code, std::uint64_t place, const std::string& detail, std::string remark) {
    while (may_become_known(window())) {
        if (gather(window().size() + 1, false)) continue;
        if (waiting_is_over()) break;
        torn_->need = 0;
        return more;
    }
    return fail(code, place, detail + likeness(std::move(remark)));
}

// The input does not suffice: more of it, or the end of the stream inside a frame.
decoder::event decoder::starve() {
    if (!waiting_is_over()) return more;
    if (state_ != state::frame) return truncate();
    const bytes_view seen = window();
    const verdict said = format_->measure_last({seen, std::min(torn_->searched, seen.size()), false}, looked_);
    if (said.what == verdict::answer::more) return truncate();
    hold_to(said);
    if (said.what == verdict::answer::frame) return settle(said);
    return refuse(errc::malformed, offset() + said.header, format_->explain(seen, said.header));
}

decoder::event decoder::truncate() {
    const std::uint64_t came = fed_ - offset();
    std::string sentence = "the stream ended after " + say_size(came);
    if (state_ == state::known) {
        sentence += " of a frame of " + say_size(torn_->need);
        sentence += likeness(format_->remark(window().first(torn_->known.header)));
    } else {
        sentence += " of a message whose end had not come";
        if (state_ == state::frame) sentence += likeness({});
    }
    return fail(errc::truncated, fed_, std::move(sentence));
}

void decoder::switch_to(framing described) {
    WEIR_CHECK(may_switch(), "decoder::switch_to() inside an oversize message, or after the end");
    if (torn_ != nullptr) torn_->tail.consume(std::exchange(torn_->used, 0));
    framing_ = std::move(described);
    looked_ = looked();
    scan_.start(cursor_);
    quick_ = quick::no;
    set_framing();
    begin_frame();
}

const error& decoder::failure() const {
    WEIR_CHECK(state_ == state::failed, "decoder::failure() of a decoder that has not failed");
    return torn_->failure->why;
}

std::uint64_t decoder::failed_at() const {
    WEIR_CHECK(state_ == state::failed, "decoder::failed_at() of a decoder that has not failed");
    return torn_->failure->place;
}

std::uint64_t decoder::offset() const noexcept {
    return state_ == state::passing ? torn_->passing->start : fed_ - rest() - held();
}

void decoder::trim(std::size_t keep) {
    if (torn_ == nullptr) return;
    if (torn_->plain.capacity() > keep) torn_->plain.release();
    torn_->tail.consume(std::exchange(torn_->used, 0));
    if (torn_->tail.capacity() <= std::max(keep, 4 * torn_->tail.size())) return;
    buffer fitting;
    fitting.append(torn_->tail.view());
    torn_->tail.swap(fitting);
}

void decoder::swap_memory(buffer& other) {
    WEIR_CHECK(other.empty(), "decoder::swap_memory(): the buffer has content");
    if (torn_ == nullptr && other.capacity() == 0) return;
    other.append(torn().tail.view().from(std::exchange(torn_->used, 0)));
    torn_->tail.swap(other);
    other.clear();
}

void decoder::prepare(std::size_t count) {
    torn().tail.consume(std::exchange(torn_->used, 0));
    torn_->tail.prepare(count);
}

buffer decoder::take(bytes_view payload) {
    buffer taken;
    const auto lies_in = [&](const buffer& memory) {
        const std::less_equal<> not_above;
        return !memory.empty() && not_above(memory.data(), payload.begin()) &&
               not_above(payload.end(), memory.data() + memory.size());
    };
    if (torn_ != nullptr && lies_in(torn_->tail)) {
        buffer behind;
        behind.append(torn_->tail.view().from(std::exchange(torn_->used, 0)));
        taken.swap(torn_->tail);
        torn_->tail.swap(behind);
    } else if (torn_ != nullptr && lies_in(torn_->plain)) {
        taken.swap(torn_->plain);
    } else {
        taken.append(payload);
        return taken;
    }
    taken.consume(static_cast<std::size_t>(payload.begin() - taken.data()));
    taken.truncate(payload.size());
    return taken;
}

void decoder::continue_at(std::uint64_t offset) {
    WEIR_CHECK(cursor_ == end_ && at_boundary() && state_ == state::frame && !finished_,
               "decoder::continue_at() inside a message or behind the end");
    feed({});
    fed_ = offset;
}

void decoder::reset() { *this = decoder(std::move(framing_)); }

bool operator==(const decoder& one, const decoder& other) {
    if (one.state_ != other.state_ || one.finished_ != other.finished_ || !(one.framing_ == other.framing_))
        return false;
    if (one.state_ == decoder::state::failed) {
        return one.failed_at() == other.failed_at() && one.failure().message() == other.failure().message();
    }
    if (one.fed_ != other.fed_ || one.held() != other.held()) return false;
    const auto held = [](const decoder& of) {
        return of.held() == 0 ? bytes_view() : of.torn_->tail.view().from(of.torn_->used);
    };
    if (held(one) != held(other)) return false;
    return one.state_ != decoder::state::passing || *one.torn_->passing == *other.torn_->passing;
}

}  // namespace weir
