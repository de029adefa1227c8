// The laws about cutting: segmentation and confluence.
#include <algorithm>

#include "weir/base/choices.h"
#include "weir/base/text.h"
#include "weir/framing/laws/law_run.h"
#include "weir/framing/laws/law_shrink.h"

namespace weir::laws {

using namespace internal;

namespace {

// All ways to cut a stream at up to a given number of places. Ways with the same first pieces continue from copies of
// the same decoder.
class ways {
public:
    ways(const subject& tested, bytes_view stream, const outcome& wanted)
        : tested_(tested), stream_(stream), wanted_(wanted) {}

    // Returns the first way that has another outcome than the whole stream, or nothing.
    std::optional<cuts> first_other(std::size_t most_cuts, std::size_t share, std::uint64_t seed) {
        where_.clear();
        share_ = share;
        seed_ = seed;
        if (agrees_from(nullptr, 0, most_cuts)) return {};
        return where_;
    }

private:
    // Tries all ways to cut the stream after `place`. `there` holds the state at `place`, or is null at the beginning.
    bool agrees_from(const feeder* there, std::size_t place, std::size_t cuts_left) {
        for (std::size_t end = cuts_left == 0 ? stream_.size() : place + 1; end <= stream_.size(); ++end) {
            if (there == nullptr && end != stream_.size() && (end + seed_) % share_ != 0) continue;
            feeder next = there == nullptr ? feeder(tested_.fresh(), &wanted_) : there->copy();
            const bool goes_on = next.feed(stream_.part(place, end - place));
            const bool last = end == stream_.size();
            if (!last) where_.push_back(end);
            if (!goes_on || last) {
                if (goes_on && next.finish()) return false;
                if (!next.arrived()) return false;
            } else if (!agrees_from(&next, end, cuts_left - 1)) {
                return false;
            }
            if (!last) where_.pop_back();
        }
        return true;
    }

    const subject& tested_;
    bytes_view stream_;
    const outcome& wanted_;
    cuts where_;
    std::size_t share_ = 1;
    std::uint64_t seed_ = 0;
};

// Returns the cuts that make pieces of one byte each, with an empty piece before every byte and at the end.
cuts with_empty_pieces(std::size_t size) {
    cuts where{0};
    for (std::size_t i = 1; i < size; ++i) where.insert(where.end(), 2, i);
    if (size != 0) where.push_back(size);
    return where;
}

cuts random_ways(choices& draw, std::size_t size) {
    cuts where;
    // Varies the density: some results have few cuts, others many.
    const std::uint64_t density = std::uint64_t{2} << draw.below(7);
    for (std::size_t i = 1; i < size; ++i) {
        if (draw.one_in(density)) where.push_back(i);
    }
    return where;
}

broken_law other_when_cut(const subject& tested, bytes_view stream, const cuts& where, between pieces) {
    const auto other = [&](const cut_stream& one) {
        return !(run(tested, one.stream, one.where, ending::drained, pieces) == run(tested, one.stream, {}));
    };
    const cut_stream failing{bytes(stream), where};
    if (!other(failing)) {
        return report(
            tested, "independence", stream,
            "cut " + say(where) + ", a copy made at a cut does not behave like the decoder it was copied from");
    }
    const cut_stream smallest = shrunk(failing, other);
    return report(tested, "segmentation", smallest.stream,
                  "in one piece:  " + say(run(tested, smallest.stream, {})) + "\ncut " + say(smallest.where) +
                      (pieces == between::gap ? " with gaps in time: " : ": ") +
                      say(run(tested, smallest.stream, smallest.where, ending::drained, pieces)));
}

broken_law told_the_end_at_once(const subject& tested, bytes_view stream) {
    const outcome whole = run(tested, stream, {});
    const outcome eager = run(tested, stream, {}, ending::eager);
    if (eager == whole) return {};
    return report(
        tested, "segmentation", stream,
        "finish() after next() returned more: " + say(whole) + "\nfinish() right after feed():         " + say(eager));
}

}  // namespace

broken_law segmentation(const subject& tested, bytes_view stream, const effort& how_far) {
    const outcome whole = run(tested, stream, {});
    if (!whole.trouble.empty()) return report(tested, "bounds", stream, whole.trouble);
    if (auto broken = least(stream, [&](bytes_view part) { return told_the_end_at_once(tested, part); })) return broken;
    if (tested.depends_on() == sensitivity::cuts) return {};
    const std::size_t size = stream.size();
    const auto gives_other = [&](const cuts& where, between pieces = between::nothing) {
        return !(run(tested, stream, where, ending::drained, pieces) == whole);
    };
    for (const auto& where : {every_byte(size), with_empty_pieces(size)}) {
        if (gives_other(where)) return other_when_cut(tested, stream, where, between::nothing);
        if (tested.depends_on() == sensitivity::nothing && gives_other(where, between::gap))
            return other_when_cut(tested, stream, where, between::gap);
    }
    if (auto broken = shared_copy(tested, stream, size / 2)) return broken;
    ways all(tested, stream, whole);
    std::optional<cuts> culprit;
    if (size <= how_far.every_cut_bytes) {
        culprit = all.first_other(size, 1, 0);
    } else if (size <= how_far.three_cuts_bytes) {
        culprit = all.first_other(3, how_far.three_cuts_share, how_far.seed);
    } else if (size <= how_far.one_cut_bytes) {
        culprit = all.first_other(1, 1, 0);
    }
    if (culprit) return other_when_cut(tested, stream, *culprit, between::nothing);
    const bool complete =
        size <= how_far.every_cut_bytes || (size <= how_far.three_cuts_bytes && how_far.three_cuts_share == 1);
    choices draw = choices::random(how_far.seed);
    for (std::size_t way = 0; !complete && way < how_far.random_cuts; ++way) {
        const cuts where = random_ways(draw, size);
        if (gives_other(where)) return other_when_cut(tested, stream, where, between::nothing);
    }
    return {};
}

namespace {

// The states of a decoder after each prefix of a stream, fed in one piece. Every way to cut a prefix must reach the
// same state.
class prefixes {
public:
    prefixes(const subject& tested, bytes_view stream)
        : tested_(tested), stream_(stream), whole_(run(tested, stream, {}, ending::open)) {}

    feeder reach(std::size_t place) const {
        feeder decode(tested_.fresh(), &whole_);
        decode.feed(stream_.first(place));
        return decode;
    }
    // Returns whether a copy of the state at `place` ends like the original when finish() is called at once.
    bool end_agrees(std::size_t place) const {
        feeder original = reach(place);
        if (original.strayed() || original.seen().ending != decoder::more) return true;
        feeder twin = original.copy();
        twin.finish();
        original.finish();
        return agree(twin, original);
    }
    // Continues to j from a copy of the state after i, and then from this state itself: the copy must not have changed
    // it.
    bool pair_agrees(std::size_t i, std::size_t j) const {
        feeder stepped = reach(i);
        feeder twin = stepped.copy();
        const feeder there = reach(j);
        twin.feed(stream_.part(i, j - i));
        stepped.feed(stream_.part(i, j - i));
        return agree(twin, there) && agree(stepped, there) && end_agrees(i);
    }
    // Checks all pairs: a copy of each state continues to each later state. At the end, the state itself continues to
    // one of these.
    bool all_agree() const {
        std::vector<feeder> states;
        for (std::size_t place = 0; place <= stream_.size(); ++place) states.push_back(reach(place));
        for (std::size_t i = 0; i < stream_.size(); ++i) {
            for (std::size_t j = i + 1; j <= stream_.size(); ++j) {
                feeder twin = states[i].copy();
                twin.feed(stream_.part(i, j - i));
                if (!agree(twin, states[j])) return false;
            }
            const std::size_t j = i + 1 + i * 7919 % (stream_.size() - i);
            states[i].feed(stream_.part(i, j - i));
            if (!agree(states[i], states[j]) || !end_agrees(i)) return false;
        }
        return true;
    }

private:
    const subject& tested_;
    bytes_view stream_;
    outcome whole_;
};

// Returns a report on the first pair in this stream that does not agree.
broken_law name_pair(const subject& tested, bytes_view stream) {
    const prefixes from(tested, stream);
    for (std::size_t j = 1; j <= stream.size(); ++j) {
        for (std::size_t i = 0; i < j; ++i) {
            if (from.pair_agrees(i, j)) continue;
            return report(
                tested, "confluence", stream.first(j),
                "feeding " + say_size(i) + " and then the rest leads to another state than feeding everything at once");
        }
    }
    return {};
}

constexpr std::size_t short_enough_to_shrink = 600;

}  // namespace

broken_law confluence(const subject& tested, bytes_view stream, const effort& how_far) {
    if (tested.depends_on() == sensitivity::cuts || stream.empty()) return {};
    if (auto broken = shared_copy(tested, stream, stream.size() / 2)) return broken;
    const prefixes from(tested, stream);
    std::optional<std::size_t> bad;  // a prefix of this size has a pair that does not agree
    if (stream.size() <= how_far.every_pair_bytes) {
        // In short streams, each pair is also checked from the state itself.
        if (stream.size() <= 24 ? name_pair(tested, stream).has_value() : !from.all_agree()) bad = stream.size();
    } else {
        choices draw = choices::random(how_far.seed);
        for (std::size_t pair = 0; !bad && pair < how_far.every_pair_bytes; ++pair) {
            const auto j = static_cast<std::size_t>(draw.between(1, stream.size()));
            if (!from.pair_agrees(static_cast<std::size_t>(draw.below(j)), j)) bad = j;
        }
    }
    if (!bad) return {};
    if (*bad <= short_enough_to_shrink) {
        if (auto broken = least(stream.first(*bad), [&](bytes_view part) {
                // A search for the first pair is cheap only in a short stream. A longer stream is first checked for any
                // pair.
                if (part.size() <= 24) return name_pair(tested, part);
                return prefixes(tested, part).all_agree() ? broken_law{} : name_pair(tested, part);
            }))
            return broken;
    }
    return report(tested, "confluence", stream.first(*bad),
                  "feeding the stream in two parts leads to another state than feeding everything at once");
}

}  // namespace weir::laws
