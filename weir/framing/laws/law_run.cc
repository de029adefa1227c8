#include "weir/framing/laws/law_run.h"

#include <algorithm>

#include "weir/base/text.h"

namespace weir::laws::internal {

void feeder::note(const decoder::event& step) {
    if (step.what == decoder::piece && !seen_.items.empty() && seen_.items.back().kind == decoder::piece &&
        !seen_.items.back().complete) {
        seen_.items.back().content.append(step.payload);
        seen_.items.back().complete = step.last;
        return;
    }
    seen_.items.push_back({step.what, bytes(step.payload), step.size, step.what != decoder::piece || step.last});
}

void feeder::follow(const decoder::event& step) {
    strayed_ = true;
    if (items_ == followed_->items.size()) return;
    const item& wanted = followed_->items[items_];
    if (step.what != wanted.kind || step.size != wanted.size) return;
    const bytes_view left = wanted.content.view().from(piece_bytes_);
    if (step.payload.size() > left.size() || left.first(step.payload.size()) != step.payload) return;
    const bool whole = step.payload.size() == left.size();
    if (step.what != decoder::piece || step.last) {
        if (!whole || !wanted.complete) return;
        ++items_;
        piece_bytes_ = 0;
    } else {
        piece_bytes_ += step.payload.size();
    }
    strayed_ = false;
}

bool feeder::arrived() const {
    const auto& items = followed_->items;
    const bool all = items_ == items.size() || (items_ + 1 == items.size() && !items.back().complete &&
                                                piece_bytes_ == items.back().content.size());
    return all && !strayed() && seen_.ending == followed_->ending && seen_.why == followed_->why &&
           seen_.place == followed_->place;
}

bool agree(const feeder& one, const feeder& other) {
    return one.items_ == other.items_ && one.piece_bytes_ == other.piece_bytes_ && one.strayed() == other.strayed() &&
           one.seen_ == other.seen_ && one.tested_->same_state(*other.tested_) &&
           other.tested_->same_state(*one.tested_);
}

bool feeder::drain(std::size_t bytes_there) {
    // Each event except the last consumes a byte, or ends a message that consumed one.
    for (std::size_t steps = 0; steps <= 2 * bytes_there + 2; ++steps) {
        const decoder::event step = tested_->next();
        if (step.what == decoder::more) return true;
        if (step.what == decoder::end || step.what == decoder::failed) {
            seen_.ending = step.what;
            if (step.what == decoder::failed) {
                seen_.why = tested_->failure();
                seen_.place = tested_->failed_at();
            }
            return false;
        }
        if (followed_ == nullptr) {
            note(step);
        } else {
            follow(step);
            if (strayed_) return false;
        }
    }
    seen_.trouble = "the decoder returns messages without consuming input";
    return false;
}

void feeder::check_held() {
    const std::size_t held = tested_->held();
    const std::uint64_t most = tested_->limit() + std::min<std::uint64_t>(tested_->overhead(), ~tested_->limit());
    if (held > most) {
        seen_.trouble =
            "the decoder holds " + say_size(held) + ", but the largest message and its overhead have " + say_size(most);
    } else if (held > fed_) {
        seen_.trouble = "the decoder holds " + say_size(held) + ", but only " + say_size(fed_) + " arrived";
    }
}

bool feeder::feed(bytes_view piece, bool finished) {
    const std::unique_ptr<std::byte[]> own(new std::byte[piece.size()]);
    if (!piece.empty()) std::memcpy(own.get(), piece.data(), piece.size());
    fed_ += piece.size();
    tested_->feed({own.get(), piece.size()});
    if (finished) tested_->finish();
    const bool goes_on = drain(piece.size() + tested_->held());
    if (!piece.empty()) std::memset(own.get(), 0xa5, piece.size());
    check_held();
    return goes_on && seen_.trouble.empty();
}

bool feeder::finish() {
    tested_->finish();
    return drain(tested_->held());
}

bool feeder::gap() {
    tested_->gap();
    return drain(tested_->held());
}

feeder feeder::copy() const {
    feeder twin(tested_->copy(), followed_);
    twin.items_ = items_;
    twin.piece_bytes_ = piece_bytes_;
    twin.strayed_ = strayed_;
    twin.fed_ = fed_;
    twin.seen_ = seen_;
    return twin;
}

cuts every_byte(std::size_t size) {
    cuts where;
    for (std::size_t i = 1; i < size; ++i) where.push_back(i);
    return where;
}

outcome run(const subject& tested, bytes_view stream, const cuts& where, ending how, between pieces) {
    feeder decode(tested.fresh());
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= where.size(); ++i) {
        const bool last = i == where.size();
        const std::size_t end = last ? stream.size() : where[i];
        if (!decode.feed(stream.part(begin, end - begin), last && how == ending::eager)) return decode.seen();
        if (pieces == between::gap && !decode.gap()) return decode.seen();
        begin = end;
    }
    outcome seen = decode.seen();
    if (how == ending::open) return seen;
    const bool wants_more = how == ending::eager || decode.finish();
    seen = decode.seen();
    if (wants_more) seen.trouble = "next() returns more after the end of the stream";
    return seen;
}

std::string say(const outcome& seen) {
    if (!seen.trouble.empty()) return seen.trouble;
    std::string text;
    for (const auto& one : seen.items) {
        text += text.empty() ? "" : ", ";
        if (one.kind == decoder::skipped) {
            text += "skipped " + say_size(one.size);
        } else {
            text += quote(one.content, 60) +
                    (one.kind == decoder::piece ? one.complete ? " in pieces" : " in pieces, unfinished" : "");
        }
    }
    if (text.empty()) text = "no message";
    if (seen.ending == decoder::failed) {
        text += ", then " + std::string(to_string(seen.why)) + " at byte " + std::to_string(seen.place);
    } else {
        text += seen.ending == decoder::end ? ", then the end" : ", then more";
    }
    return text;
}

std::string say(const cuts& where) {
    std::string text;
    for (const auto place : where) text += (text.empty() ? "" : " ") + std::to_string(place);
    return text.empty() ? "nowhere" : "at " + text;
}

std::string report(const subject& tested, std::string_view law, bytes_view stream, const std::string& what) {
    return "the law of " + std::string(law) + " is broken by " + tested.name() + "\non the stream " +
           quote(stream, 400) + " (" + say_size(stream.size()) + ")\n" + what;
}

}  // namespace weir::laws::internal
