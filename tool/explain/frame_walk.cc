#include "tool/explain/frame_walk.h"

#include <algorithm>

#include <weir/framing/format.h>

namespace weir_tool {
namespace {

using weir::decoder;

constexpr std::uint64_t most_looked_bytes = 64 * 1024 * 1024;
constexpr unsigned convincing_messages = 8;
constexpr std::uint64_t room_for_header = 8 * 1024;

// Returns whether a frame may begin after `before`. With an end mark and no start mark, a frame begins only after an
// end mark.
bool may_begin(const weir::description& fields, weir::bytes_view before) {
    const std::string_view text = before.text();
    switch (fields.kind) {
        case weir::framing_kind::lines: return text.ends_with('\n');
        case weir::framing_kind::delimited:
            return !fields.start.empty() ||
                   std::any_of(fields.marks.begin(), fields.marks.end(),
                               [&](const weir::bytes& mark) { return text.ends_with(mark.text()); });
        default: return true;
    }
}

struct trial {
    unsigned messages = 0;
    bool failed = false;
    bool exact = false;  // ended at a boundary
};

trial try_at(const weir::framing& described, weir::bytes_view stream, bool ended, std::uint64_t& looked) {
    trial seen;
    decoder decode(described);
    decode.feed(stream);
    if (ended) decode.finish();
    for (;;) {
        const auto happened = decode.next();
        const bool whole = happened.what == decoder::message || happened.what == decoder::skipped ||
                           (happened.what == decoder::piece && happened.last);
        if (whole) ++seen.messages;
        if (whole && seen.messages < convincing_messages) continue;
        if (happened.what == decoder::piece && !happened.last) continue;
        seen.exact = happened.what == decoder::end;
        seen.failed = happened.what == decoder::failed && decode.failure() != weir::errc::truncated;
        looked += decode.looked() + 16;
        return seen;
    }
}

}  // namespace

std::optional<std::size_t> find_resync(const weir::framing& described, weir::bytes_view stream, bool ended) {
    std::uint64_t looked = 0;
    for (std::size_t at = 1; at < stream.size() && looked < most_looked_bytes; ++at) {
        if (!may_begin(described.fields(), stream.first(at))) continue;
        const trial seen = try_at(described, stream.from(at), ended, looked);
        if (seen.failed) continue;
        if (seen.messages >= 2 || (seen.exact && seen.messages == 1)) return at;
    }
    return {};
}

frame_walk::frame_walk(weir::framing described) : described_(std::move(described)), decoder_(described_) {
    const std::uint64_t limit = std::min<std::uint64_t>(described_.fields().limit(), INT64_MAX / 4);
    most_held_ = 2 * limit + room_for_header;
}

weir::bytes_view frame_walk::held_from(std::uint64_t offset) const {
    return window_.view().from(static_cast<std::size_t>(std::max(offset, window_begin_) - window_begin_));
}

void frame_walk::drop_before(std::uint64_t offset) {
    if (offset <= window_begin_) return;
    const auto count = std::min<std::uint64_t>(offset - window_begin_, window_.size());
    window_.consume(static_cast<std::size_t>(count));
    window_begin_ += count;
}

// A message over the limit is not drawn, so its bytes are dropped.
void frame_walk::drop_what_passes() {
    if (described_.fields().oversize != weir::oversize_rule::close && window_.size() > most_held_) {
        drop_before(decoder_fed_);
    }
}

void frame_walk::feed(weir::bytes_view input) { window_.append(input); }

frame_walk::step frame_walk::next() {
    if (over_) return {.what = end};
    if (searching_) return search();
    drop_before(frame_begin_);
    for (;;) {
        const auto happened = decoder_.next();
        if (happened.what != decoder::more) return give(happened);
        drop_what_passes();
        const std::uint64_t fed_to = window_begin_ + window_.size();
        if (decoder_fed_ < fed_to) {
            // The decoder keeps its own copy of a partial frame and no reference to earlier input.
            decoder_.feed(held_from(decoder_fed_));
            decoder_fed_ = fed_to;
        } else if (finished_ && !told_) {
            decoder_.finish();
            told_ = true;
        } else {
            return {.what = more};
        }
    }
}

// With empty=skip, the decoder has dropped the frames without payload that end at `limit`, an offset in the stream, or
// before it.
void frame_walk::pass_dropped_frames(std::uint64_t limit) {
    if (described_.fields().empty != weir::empty_rule::skip) return;
    for (;;) {
        const weir::bytes_view ahead = held_from(frame_begin_);
        if (ahead.empty()) return;
        std::uint64_t looked = 0;
        const weir::verdict said = described_.machine().measure({ahead, 0, false}, looked);
        const std::uint64_t size = said.header + said.body + said.trailer;
        if (said.what != weir::verdict::answer::frame || size > ahead.size() || frame_begin_ + size > limit) return;
        weir::buffer plain;
        described_.machine().unstuff(ahead.part(said.header, said.body), plain);
        if (!plain.empty() && plain.size() != described_.fields().check_bytes()) return;
        frame_begin_ += size;
    }
}

frame_walk::step frame_walk::give(const decoder::event& happened) {
    step made;
    const std::uint64_t frame_end = decoder_begin_ + decoder_.offset();
    if (happened.what == decoder::failed) {
        pass_dropped_frames(decoder_begin_ + decoder_.failed_at());
    } else if (happened.what == decoder::message) {
        pass_dropped_frames(frame_end - 1);
    }
    made.offset = frame_begin_;
    const bool whole = happened.what == decoder::message || happened.what == decoder::skipped ||
                       (happened.what == decoder::piece && happened.last);
    made.payload = happened.payload;
    made.last = happened.last;
    switch (happened.what) {
        case decoder::message: {
            made.what = frame;
            made.size = frame_end - frame_begin_;
            made.content = held_from(frame_begin_).first(static_cast<std::size_t>(made.size));
            break;
        }
        case decoder::piece:
            made.what = piece;
            made.size = happened.payload.size();
            break;
        case decoder::skipped:
            made.what = skipped;
            made.size = happened.size;
            break;
        case decoder::failed: return fail();
        default: made.what = end; over_ = true;
    }
    if (whole) frame_begin_ = frame_end;
    return made;
}

frame_walk::step frame_walk::fail() {
    step made;
    const bool at_the_end = decoder_.failure() == weir::errc::truncated;
    made.what = at_the_end ? truncated : broken;
    made.offset = frame_begin_;
    made.content = held_from(frame_begin_);
    made.wrong_at = decoder_begin_ + decoder_.failed_at();
    made.why = decoder_.failure().detail();
    searching_ = !at_the_end;
    over_ = at_the_end;
    return made;
}

frame_walk::step frame_walk::search() {
    const weir::bytes_view held = held_from(frame_begin_);
    // The broken frame may be as large as the limit, so the search looks only at the first look_ahead_bytes.
    if (!finished_ && held.size() < look_ahead_bytes) return {.what = more};
    const weir::bytes_view ahead = held.first(std::min(held.size(), look_ahead_bytes));
    const auto found = find_resync(described_, ahead, finished_ && ahead.size() == held.size());
    step made;
    searching_ = false;
    if (!found) {
        made.what = lost;
        made.size = ahead.size();
        over_ = true;
        return made;
    }
    made.what = resumed;
    made.offset = std::max(frame_begin_, window_begin_) + *found;
    restart(made.offset);
    return made;
}

void frame_walk::restart(std::uint64_t offset) {
    decoder_ = decoder(described_);
    told_ = false;
    decoder_begin_ = frame_begin_ = decoder_fed_ = offset;
    drop_before(offset);
}

}  // namespace weir_tool
