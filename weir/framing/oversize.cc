// Messages over the limit: the decoder fails (close), drops them (skip) or returns them in pieces (stream).
//
// When the header announces the size, the decoder counts the remaining bytes. When the format searches for the end, it
// reports how many bytes are settled (format.h); the decoder drops or returns these at once. It holds the last bytes,
// which may belong to the end mark or to the checksum.
#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/decoder_state.h"

namespace weir {

decoder::event decoder::exceed(const verdict& known, bool announced) {
    const description& fields = framing_.fields();
    const std::uint64_t kept = announced ? fields.kept_of(known.header) : 0;
    if (fields.oversize == oversize_rule::close) {
        const std::string limit = "over the limit of " + say_size(limit_);
        if (!announced)
            return refuse(errc::too_large, offset() + format_->searched_header() + bytes_on_wire(limit_),
                          "a message is " + limit);
        const bytes_view header = arrived_part(known.header);
        const std::string size = known.body < verdict::most_size
                                     ? "a message of " + say_size(known.body - check_bytes_ + kept)
                                     : "a length of " + std::to_string(format_->announced(header));
        return refuse(errc::too_large, offset() + format_->place_of_size(), size + " is " + limit,
                      format_->remark(header));
    }
    auto passing = std::make_unique<passage>();
    passing->start = offset();
    passing->announced = announced;
    passing->sum = running_checksum(fields.checksum);
    if (announced) {
        passing->drop = known.header - kept;
        passing->left = known.body - check_bytes_ + kept;
        passing->after = check_bytes_ + known.trailer;
        passing->checksum = check_bytes_;
        // The kept bytes are passed with the payload, and summed there.
        const std::uint64_t from = fields.cover.value_or(known.header);
        passing->uncovered = from - std::min(from, passing->drop);
        if (from < passing->drop) passing->sum.update(window().part(from, passing->drop - from));
    }
    const std::size_t searched_header = announced ? 0 : format_->searched_header();
    if (fields.cover && !announced) passing->sum.update(window().part(*fields.cover, searched_header - *fields.cover));
    partial_->passing = std::move(passing);
    drop(searched_header);
    partial_->searched -= std::min(partial_->searched, searched_header);
    state_ = state::passing;
    partial_->need = 0;
    return pass();
}

// Returns how many bytes the first `plain_bytes` bytes of the arrived body take on the wire.
std::uint64_t decoder::bytes_on_wire(std::uint64_t plain_bytes) const {
    if (!stuffs()) return plain_bytes;
    const bytes_view body = window().from(format_->searched_header());
    std::size_t wire = 0;
    for (; plain_bytes != 0; --plain_bytes) {
        // A stuffed byte takes two bytes.
        wire += format_->whole_part(body.from(wire), 1) == 1 ? 1 : 2;
    }
    return wire;
}

decoder::event decoder::pass() { return partial_->passing->announced ? pass_announced() : pass_searched(); }

decoder::event decoder::pass_announced() {
    passage& now = *partial_->passing;
    const bool streamed = framing_.fields().oversize == oversize_rule::stream;
    while (now.drop + now.left != 0) {
        const std::uint64_t part = now.drop != 0 ? now.drop : now.left;
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(window().size(), part));
        if (size == 0) return starve();
        if (now.drop != 0) {
            drop(size);
            now.drop -= size;
            continue;
        }
        now.left -= size;
        now.passed += size;
        if (!streamed) {
            drop(size);
            continue;
        }
        const bytes_view payload = hand_out(size);
        const std::size_t bare = static_cast<std::size_t>(std::min<std::uint64_t>(now.uncovered, size));
        now.uncovered -= bare;
        now.sum.update(payload.from(bare));
        const bool last = now.left == 0 && now.after == 0;
        if (last) {
            partial_->passing.reset();
            begin_frame();
        }
        return {piece, payload, last};
    }
    if (!gather(now.after, false)) return starve();
    return pass_end(verdict::frame(0, now.checksum, now.after - now.checksum));
}

decoder::event decoder::pass_searched() {
    passage& now = *partial_->passing;
    const bool streamed = framing_.fields().oversize == oversize_rule::stream;
    if (now.wrong) {
        static_cast<void>(gather(*now.wrong + 2, false));  // the error message contains the wrong pair
        return fail_passing(*now.wrong);
    }
    for (;;) {
        const bool last_chance = !gather(std::max<std::uint64_t>(partial_->need, 1), true);
        if (last_chance && !waiting_is_over()) return more;
        const bytes_view seen = window();
        const frame_bytes asked(seen, std::min(partial_->searched, seen.size()), true);
        const verdict said = last_chance ? format_->measure_last(asked, looked_) : format_->measure(asked, looked_);
        if (last_chance && said.what == verdict::answer::more) return truncate();
        check_settled(said);
        if (said.what == verdict::answer::frame) return pass_end(said);
        // Settled bytes are dropped or returned before anything else is decided about the frame, so that the pieces are
        // the same for every segmentation.
        const std::size_t checksum = check_bytes_ * (stuffs() ? 2u : 1u);
        const auto settled = static_cast<std::size_t>(said.body - std::min<std::uint64_t>(said.body, checksum));
        const std::size_t free = format_->whole_part(seen, settled);
        const bool searching = said.what == verdict::answer::more;
        if (!searching && (!streamed || free == 0)) return fail_passing(said.header);
        if (!searching) now.wrong = said.header - free;
        partial_->settled = free == 0 ? said.body : 0;  // hand_out() may return bytes after the piece to the input
        partial_->searched = searching ? seen.size() - free : 0;
        partial_->need = searching ? said.trailer - free : 0;
        if (free == 0) continue;
        const bytes_view payload = plain_part(free);
        now.passed += payload.size();
        now.sum.update(payload);
        if (streamed) {
            hand_out(free);
            return {piece, payload};
        }
        drop(free);
    }
}

// Puts the decoder into the failed state: the byte at `place` in the window is wrong. explain() counts places from the
// beginning of the header, but the header was already dropped. This function therefore puts a new header in front of
// the window.
decoder::event decoder::fail_passing(std::size_t place) {
    buffer frame;
    format_->put_header(0, frame);
    const std::size_t header = frame.size();
    frame.append(window());
    return fail(errc::malformed, fed_ - rest() - partial_->tail.size() + place,
                format_->explain(frame.view(), header + place));
}

// Returns the first `size` bytes of the window without stuffing; they are a part of a body.
bytes_view decoder::plain_part(std::size_t size) {
    if (!stuffs()) return window().first(size);
    partial_->plain.clear();
    format_->unstuff(window().first(size), partial_->plain);
    return partial_->plain.view();
}

// Returns how many bytes of the body at the front of the window precede the checksum.
std::size_t decoder::before_checksum(std::size_t body) {
    std::size_t size = body - check_bytes_;
    while (stuffs() && size != 0 &&
           (format_->whole_part(window(), size) != size ||
            plain_part(body).size() - plain_part(size).size() < check_bytes_))
        --size;
    return size;
}

// Finishes a message whose rest is in the window: the end of the body, with the checksum, and the trailer.
decoder::event decoder::pass_end(const verdict& rest_of_frame) {
    passage& now = *partial_->passing;
    const std::uint64_t place = fed_ - rest() - partial_->tail.size();
    const bool streamed = framing_.fields().oversize == oversize_rule::stream;
    const auto body = static_cast<std::size_t>(rest_of_frame.body);
    const auto trailer = static_cast<std::size_t>(rest_of_frame.trailer);
    WEIR_CHECK(body >= check_bytes_,
               "format::measure(): the body ends before bytes that an earlier call returned as settled");
    const std::size_t before = check_bytes_ == 0 ? body : before_checksum(body);
    if (streamed && check_bytes_ != 0 && before != 0) {
        const bytes_view payload = plain_part(before);
        now.sum.update(payload);
        now.announced = true;
        now.after = body - before + trailer;
        now.checksum = body - before;
        partial_->need = 0;
        hand_out(before);
        return {piece, payload};
    }
    if (streamed && check_bytes_ != 0) {
        const bytes_view wire = plain_part(body);
        if (!checksum_holds(now.sum, wire)) return wrong_checksum(place, now.sum.value(), wire);
    }
    if (!searches() && trailer != 0) {
        if (auto wrong = format_->refuse_trailer({}, {}, window().part(body, trailer)); !wrong.empty()) {
            const std::size_t right = right_in_trailer(window().part(body, trailer));
            return fail(errc::malformed, place + body + right, std::move(wrong));
        }
    }
    const bytes_view payload = plain_part(before);
    const std::uint64_t size = now.passed + payload.size();
    hand_out(body + trailer);
    partial_->passing.reset();
    begin_frame();
    if (streamed) return {piece, payload, true};
    return {skipped, {}, false, size};
}

}  // namespace weir
