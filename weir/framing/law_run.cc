#include "weir/framing/law_run.h"

#include "weir/base/text.h"

namespace weir::laws {
namespace {

void note(outcome& seen, const decoder::event& step) {
    if (step.what == decoder::piece && !seen.items.empty() && seen.items.back().kind == decoder::piece &&
        !seen.items.back().complete) {
        seen.items.back().content.append(step.payload);
        seen.items.back().complete = step.last;
        return;
    }
    seen.items.push_back({step.what, bytes(step.payload), step.size, step.what != decoder::piece || step.last});
}

}  // namespace

// Takes all that is to be had now.
bool feeder::drain(std::size_t bytes_there) {
    // Each event but the last uses up a byte, or ends a message that did.
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
        note(seen_, step);
    }
    seen_.trouble = "it goes on giving messages without using up input";
    return false;
}

void feeder::check_held() {
    const std::size_t held = tested_->held();
    if (held > tested_->limit() + tested_->overhead()) {
        seen_.trouble = "it holds " + say_size(held) + ", but a message of the limit and its overhead are " +
                        say_size(tested_->limit() + tested_->overhead());
    } else if (held > fed_) {
        seen_.trouble = "it holds " + say_size(held) + ", but only " + say_size(fed_) + " came";
    }
}

bool feeder::feed(bytes_view piece, bool finished) {
    auto own = std::make_unique<std::byte[]>(piece.size());
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

feeder feeder::copy() const {
    feeder twin(tested_->copy());
    twin.fed_ = fed_;
    twin.seen_ = seen_;
    return twin;
}

outcome run(const subject& tested, bytes_view stream, const cuts& where, ending how) {
    feeder decode(tested.fresh());
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= where.size(); ++i) {
        const bool last = i == where.size();
        const std::size_t end = last ? stream.size() : where[i];
        if (!decode.feed(stream.part(begin, end - begin), last && how == ending::eager)) return decode.seen();
        begin = end;
    }
    outcome seen = decode.seen();
    if (how == ending::open) return seen;
    const bool wants_more = how == ending::eager || decode.finish();
    seen = decode.seen();
    if (wants_more) seen.trouble = "after the end of the stream it wants more";
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
        text += seen.ending == decoder::end ? ", then the end" : ", then it wants more";
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

}  // namespace weir::laws
