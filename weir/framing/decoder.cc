#include "weir/framing/decoder.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "weir/base/text.h"
#include "weir/framing/decoder_state.h"
#include "weir/framing/hint.h"

namespace weir {
namespace {

// In the search for the end of a partial frame, one step of gather() copies as many bytes as the tail already holds,
// within these bounds. Bytes after the end go back to the input, so the upper bound limits unnecessary copying.
constexpr std::size_t least_search_bytes = 128;
constexpr std::size_t most_search_bytes = 4096;

}  // namespace

decoder::partial_frame::partial_frame() = default;
decoder::partial_frame::~partial_frame() = default;

decoder::decoder(framing described) : framing_(std::move(described)) {
    set_framing();
    fast_ = usual_;
}

decoder::decoder(const decoder& other)
    : format_(other.format_), limit_(other.limit_), looked_(other.looked()), scan_(other.format_->fast().mark.mark()),
      usual_(other.usual_), ending_(other.ending_), state_(other.state_), finished_(other.finished_), gap_(other.gap_),
      check_bytes_(other.check_bytes_), fed_(other.fed_), framing_(other.framing_) {
    WEIR_CHECK(other.cursor_ == other.end_, "a decoder can be copied only after next() returned more, end or failed");
    if (other.partial_ == nullptr) return;
    const partial_frame& from = *other.partial_;
    partial().tail.append(from.tail.view().from(from.handed_out));
    partial_->searched = from.searched;
    partial_->need = from.need;
    partial_->settled = from.settled;
    partial_->known = from.known;
    if (from.passing != nullptr) partial_->passing = std::make_unique<passage>(*from.passing);
    if (from.failure != nullptr) partial_->failure = std::make_unique<failing>(*from.failure);
}

decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(const decoder& other) { return *this = decoder(other); }
decoder& decoder::operator=(decoder&&) noexcept = default;
decoder::~decoder() = default;

void decoder::set_framing() {
    format_ = &framing_.machine();
    limit_ = framing_.limit();
    const description& fields = framing_.fields();
    check_bytes_ = static_cast<std::uint8_t>(fields.check_bytes());
    ending_ = format_->stuffs() ? ending::stuffed : format_->searches() ? ending::searched : ending::announced;
    const internal::fast_path& fast = format_->fast();
    scan_ = internal::mark_scan(fast.mark.mark());
    usual_ = fast.what;
    const bool payload_is_body =
        check_bytes_ == 0 && fields.header == header_rule::strip && fields.empty == empty_rule::allow;
    const bool magic_is_short = fast.what != internal::fast_path::kind::length || fast.length.has_short_magic();
    if (fast.is_direct() && !(payload_is_body && magic_is_short)) usual_ = internal::fast_path::kind::whole;
}

void decoder::begin_frame() noexcept {
    state_ = state::frame;
    gap_ = false;
    if (partial_ == nullptr) return;
    partial_->searched = 0;
    partial_->need = 0;
    partial_->settled = 0;
    partial_->known = {};
}

void decoder::feed(bytes_view input) {
    WEIR_CHECK(cursor_ == end_,
               "decoder::feed() was called before next() returned 'more': the previous input is not used up");
    WEIR_CHECK(!finished_, "decoder::feed() after finish()");
    if (state_ == state::failed) return;
    if (fast_ == internal::fast_path::kind::mark) looked_ += scan_.take_looked(cursor_);
    cursor_ = input.begin();
    end_ = input.end();
    fed_ += input.size();
    if (partial_ != nullptr) partial_->returnable = 0;
    scan_.start(cursor_);
}

void decoder::finish() { finished_ = true; }

void decoder::gap() { gap_ = framing_.fields().gap != duration::zero(); }

decoder::event decoder::next_general(std::size_t searched, const verdict* measured) {
    for (;;) {
        if (cursor_ == end_ && (partial_ == nullptr || (fast_ != internal::fast_path::kind::general &&
                                                        !finished_))) {  // every message was whole
            gap_ = false;
            if (!finished_) return more;
            state_ = state::ended;
            return end;
        }
        if (partial().handed_out != 0) drop_handed_out();
        partial_->searched = std::max(partial_->searched, std::exchange(searched, 0));
        if (fast_ == internal::fast_path::kind::mark) looked_ += scan_.take_looked(cursor_);
        fast_ = internal::fast_path::kind::general;
        const event happened = measured != nullptr ? settle(*std::exchange(measured, nullptr)) : advance();
        // The fast path needs a frame that begins in the input.
        if (state_ == state::frame && partial_->tail.empty()) {
            fast_ = usual_;
            if (fast_ == internal::fast_path::kind::mark) scan_.resume(cursor_);
        }
        const bool is_dropped =
            happened.what == message && happened.payload.empty() && framing_.fields().empty == empty_rule::skip;
        if (!is_dropped) return happened;
    }
}

// Returns the message of a frame that is entirely in the input and has no error. Passes every other frame to
// next_general().
decoder::event decoder::next_whole() {
    std::size_t searched = 0;
    if (cursor_ != end_) {
        const verdict said = format_->measure({{cursor_, rest()}, 0, false}, looked_);
        if (said.what == verdict::answer::frame && is_sound(said)) {
            const std::size_t left_out = said.header - framing_.fields().kept_of(said.header);
            const bytes_view payload(cursor_ + left_out, said.header + said.body - check_bytes_ - left_out);
            cursor_ += said.header + said.body + said.trailer;
            return {message, payload};
        }
        if (said.what == verdict::answer::frame) return next_general(0, &said);
        if (said.what == verdict::answer::more) searched = rest();
    }
    return next_general(searched);
}

bool decoder::is_sound(const verdict& frame) const {
    const description& fields = framing_.fields();
    const std::uint64_t payload =
        frame.body - check_bytes_;  // wraps to above any limit when the body is smaller than the checksum
    if (payload > limit_ || frame.header + frame.body + frame.trailer > rest()) return false;
    if (payload + fields.kept_of(frame.header) > limit_) return false;
    if (payload == 0 && fields.empty != empty_rule::allow) return false;
    const bytes_view whole(cursor_, frame.header + frame.body + frame.trailer);
    if (check_bytes_ != 0) {
        const std::size_t from = fields.cover.value_or(frame.header);
        running_checksum sum(fields.checksum);
        sum.update(whole.part(from, frame.header + payload - from));
        if (!checksum_holds(sum, whole.part(frame.header + payload, check_bytes_))) return false;
    }
    if (frame.trailer == 0 || searches()) return true;
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
            if (!gather(partial_->need, false)) return starve();
            return deliver(partial_->known);
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
        if (window().empty() || (window().size() < partial_->need && !gather(partial_->need, searches())))
            return starve();
        const bytes_view seen = window();
        const verdict said = format_->measure({seen, std::min(partial_->searched, seen.size()), false}, looked_);
        check_settled(said);
        if (said.what == verdict::answer::frame) return settle(said);
        if (over_limit(said.body)) return exceed(said, false);
        if (said.what == verdict::answer::broken) {
            return refuse(errc::malformed, offset() + said.header, format_->explain(seen, said.header));
        }
        partial_->searched = seen.size();
        partial_->need = said.trailer;
        partial_->settled = said.body;
    }
}

// Takes input until the window has at least `wanted` bytes. Returns false when the input has too few bytes; the tail
// then contains all of them.
bool decoder::gather(std::uint64_t wanted, bool searching) {
    if (window().size() >= wanted) return true;
    std::uint64_t missing = wanted - partial_->tail.size();
    // The input that was searched without success belongs entirely to the partial frame. After it, the search continues
    // in portions.
    if (searching)
        missing = std::max<std::uint64_t>(
            missing,
            partial_->tail.empty() ? rest() : std::clamp(partial_->tail.size(), least_search_bytes, most_search_bytes));
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(missing, rest()));
    partial_->tail.append({cursor_, taken});
    cursor_ += taken;
    partial_->returnable += taken;
    return partial_->tail.size() >= wanted;
}

// Takes `size` bytes off the front of the window. The next event borrows them until the next call. Bytes after them
// that the search copied into the tail go back to the input.
bytes_view decoder::hand_out(std::size_t size) {
    const bytes_view front = window().first(size);
    if (partial_->tail.empty()) {
        cursor_ += size;
        return front;
    }
    const std::size_t returned = std::min(partial_->returnable, partial_->tail.size() - size);
    partial_->tail.truncate(partial_->tail.size() - returned);
    cursor_ -= returned;
    partial_->returnable -= returned;
    partial_->handed_out = size;
    return front;
}

void decoder::drop(std::size_t size) {
    hand_out(size);
    drop_handed_out();
}

decoder::event decoder::settle(const verdict& frame) {
    const description& fields = framing_.fields();
    std::uint64_t body = frame.body;
    if (stuffs()) {
        // `plain` receives the header, and the body without stuffing.
        partial_->plain.clear();
        partial_->plain.append(window().first(frame.header));
        format_->unstuff(window().part(frame.header, frame.body), partial_->plain);
        body = partial_->plain.size() - frame.header;
    }
    const bool is_bare = body == 0 && fields.empty == empty_rule::skip;  // such a frame has no checksum
    if (body < check_bytes_ && !is_bare) {
        return refuse(errc::malformed, offset() + format_->place_of_size(),
                      "a message of " + say_size(body) + " is shorter than its checksum of " + say_size(check_bytes_));
    }
    const std::uint64_t payload = is_bare ? 0 : body - check_bytes_;
    if (payload + fields.kept_of(frame.header) > limit_) {
        // The size may be known before the whole header has arrived. Only an error needs no more of the header.
        partial_->need = frame.header;
        if (fields.oversize != oversize_rule::close && !gather(partial_->need, false)) return starve();
        return exceed(frame, !searches());
    }
    if (payload == 0 && fields.empty == empty_rule::reject) {
        return refuse(errc::malformed, offset(), "an empty message, and empty=reject refuses it");
    }
    partial_->known = frame;
    partial_->need = frame.header + frame.body + frame.trailer;
    state_ = state::known;
    return gather(partial_->need, false) ? deliver(partial_->known) : starve();
}

decoder::event decoder::deliver(const verdict& frame) {
    const description& fields = framing_.fields();
    const std::size_t body_end = frame.header + frame.body;
    if (frame.trailer != 0 && !searches()) {
        const bytes_view seen = window();
        auto wrong = format_->refuse_trailer(seen.first(frame.header), seen.part(frame.header, frame.body),
                                             seen.part(body_end, frame.trailer));
        if (!wrong.empty()) {
            const std::size_t place = body_end + right_in_trailer(seen.part(body_end, frame.trailer));
            return fail(errc::malformed, offset() + place, wrong + likeness({}));
        }
    }
    if (frame.body == 0 && check_bytes_ != 0) {
        hand_out(body_end + frame.trailer);
        begin_frame();
        return {message};
    }
    const bytes_view whole = stuffs() ? partial_->plain.view() : window().first(body_end);
    const std::size_t payload_end = whole.size() - check_bytes_;
    if (check_bytes_ != 0) {
        running_checksum sum(fields.checksum);
        const std::size_t from = fields.cover.value_or(frame.header);
        sum.update(whole.part(from, payload_end - from));
        const bytes_view wire = whole.from(payload_end);
        if (!checksum_holds(sum, wire))
            return wrong_checksum(offset() + body_end - check_bytes_, sum.value(), wire, likeness({}));
    }
    const std::size_t begin = frame.header - fields.kept_of(frame.header);
    hand_out(body_end + frame.trailer);
    begin_frame();
    return {message, whole.part(begin, payload_end - begin)};
}

// Returns the number of bytes at the front of this wrong trailer that are right.
std::size_t decoder::right_in_trailer(bytes_view trailer) const {
    const bytes_view expected = framing_.fields().trailer;
    std::size_t size = 0;
    while (size < expected.size() && trailer[size] == expected[size]) ++size;
    return size;
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
    partial_->failure =
        std::make_unique<failing>(failing{error(code, "decode", framing_.to_string(), std::move(detail)), place});
    state_ = state::failed;
    cursor_ = end_;
    partial_->tail.release();
    partial_->handed_out = 0;
    partial_->passing.reset();
    return failed;
}

// Returns a remark that names the protocol that the frame resembles, or `remark` when it resembles none. When the end
// of the frame is known, only the bytes of the frame are examined, so that the remark is the same for every
// segmentation.
std::string decoder::likeness(std::string remark) const {
    const bytes_view first = window();
    const auto size = state_ == state::known ? std::min<std::uint64_t>(partial_->need, first.size()) : first.size();
    const std::string_view protocol = internal::known_protocol(first.first(static_cast<std::size_t>(size)));
    if (protocol.empty()) return remark;
    return " (this looks like " + std::string(protocol) + ")";
}

// Fails at a frame whose end is not known. The error message names the protocol that the frame resembles. While the
// arrived bytes may still become the opening of a known protocol, the decoder waits for more. The error message is
// therefore the same for every segmentation.
decoder::event decoder::refuse(errc code, std::uint64_t place, const std::string& detail, std::string remark) {
    while (internal::may_become_known(window())) {
        if (gather(window().size() + 1, false)) continue;
        if (waiting_is_over()) break;
        partial_->need = 0;
        return more;
    }
    return fail(code, place, detail + likeness(std::move(remark)));
}

// Called when the input has too few bytes. Returns `more`, or handles the end of the stream inside a frame.
decoder::event decoder::starve() {
    if (!waiting_is_over()) return more;
    if (state_ != state::frame) return truncate();
    const bytes_view seen = window();
    const verdict said = format_->measure_last({seen, std::min(partial_->searched, seen.size()), false}, looked_);
    if (said.what == verdict::answer::more) return truncate();
    check_settled(said);
    if (said.what == verdict::answer::frame) return settle(said);
    return refuse(errc::malformed, offset() + said.header, format_->explain(seen, said.header));
}

decoder::event decoder::truncate() {
    const std::uint64_t came = fed_ - offset();
    std::string sentence = "the stream ended after " + say_size(came);
    if (state_ == state::known) {
        sentence += " of a frame of " + say_size(partial_->need);
        sentence += likeness(format_->remark(arrived_part(partial_->known.header)));
    } else {
        sentence += " of a message whose end had not arrived";
        if (state_ == state::frame) sentence += likeness({});
    }
    return fail(errc::truncated, fed_, std::move(sentence));
}

void decoder::switch_to(framing described) {
    WEIR_CHECK(may_switch(), "decoder::switch_to() inside an oversize message, or after the end");
    if (partial_ != nullptr) {
        drop_handed_out();
        partial_->returnable = 0;  // the input before cursor_ may not be borrowed any more
    }
    looked_ = looked();
    framing_ = std::move(described);
    fast_ = internal::fast_path::kind::general;
    set_framing();
    scan_.start(cursor_);
    begin_frame();
}

const error& decoder::failure() const {
    WEIR_CHECK(state_ == state::failed, "decoder::failure() of a decoder that has not failed");
    return partial_->failure->why;
}

std::uint64_t decoder::failed_at() const {
    WEIR_CHECK(state_ == state::failed, "decoder::failed_at() of a decoder that has not failed");
    return partial_->failure->place;
}

std::uint64_t decoder::offset() const noexcept {
    return state_ == state::passing ? partial_->passing->start : fed_ - rest() - held();
}

buffer decoder::take(bytes_view payload) {
    buffer taken;
    const auto lies_in = [&](const buffer& memory) {
        const std::less_equal<> not_above;
        return !memory.empty() && not_above(memory.data(), payload.begin()) &&
               not_above(payload.end(), memory.data() + memory.size());
    };
    if (partial_ != nullptr && lies_in(partial_->tail)) {
        buffer behind;
        behind.append(partial_->tail.view().from(std::exchange(partial_->handed_out, 0)));
        taken.swap(partial_->tail);
        partial_->tail.swap(behind);
    } else if (partial_ != nullptr && lies_in(partial_->plain)) {
        taken.swap(partial_->plain);
    } else {
        taken.append(payload);
        return taken;
    }
    taken.consume(static_cast<std::size_t>(payload.begin() - taken.data()));
    taken.truncate(payload.size());
    return taken;
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
        return of.held() == 0 ? bytes_view() : of.partial_->tail.view().from(of.partial_->handed_out);
    };
    if (held(one) != held(other)) return false;
    return one.state_ != decoder::state::passing || *one.partial_->passing == *other.partial_->passing;
}

}  // namespace weir
