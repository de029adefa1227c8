#include "weir/framing/laws.h"

#include <algorithm>

#include "weir/base/random.h"
#include "weir/base/text.h"
#include "weir/framing/law_run.h"

namespace weir::laws {
namespace {

cuts every_byte(std::size_t size) {
    cuts where;
    for (std::size_t i = 1; i < size; ++i) where.push_back(i);
    return where;
}

// The first of these ways of cutting that changes the outcome.
template <class Visit>
bool each_way(std::size_t size, const effort& how_far, Visit visit) {
    if (size < 2) return false;
    if (size <= how_far.every_cut_bytes) {
        for (std::uint64_t mask = 1; mask < std::uint64_t{1} << (size - 1); ++mask) {
            cuts where;
            for (std::size_t i = 1; i < size; ++i) {
                if ((mask >> (i - 1) & 1) != 0) where.push_back(i);
            }
            if (visit(where)) return true;
        }
        return false;
    }
    if (visit(every_byte(size))) return true;
    if (size <= how_far.few_pieces_bytes) {
        for (std::size_t i = 1; i < size; ++i) {
            if (visit(cuts{i})) return true;
            for (std::size_t j = i + 1; j < size; ++j) {
                if (visit(cuts{i, j})) return true;
            }
        }
        return false;
    }
    if (size <= how_far.one_cut_bytes) {
        for (std::size_t i = 1; i < size; ++i) {
            if (visit(cuts{i})) return true;
        }
    }
    random_source draw(how_far.seed);
    for (std::size_t way = 0; way < how_far.random_cuts; ++way) {
        cuts where;
        // Sparse and dense ways alike.
        const std::uint64_t density = std::uint64_t{1} << draw.below(8);
        for (std::size_t i = 1; i < size; ++i) {
            if (draw.one_in(density)) where.push_back(i);
        }
        if (visit(where)) return true;
    }
    return false;
}

// Fewer cuts and fewer bytes, as long as the outcome still depends on the cuts.
void shrink(const subject& tested, bytes& stream, cuts& where) {
    const auto differs = [&](bytes_view bytes_left, const cuts& cuts_left) {
        return !(run(tested, bytes_left, cuts_left) == run(tested, bytes_left, {}));
    };
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (std::size_t i = 0; i < where.size(); ++i) {
            cuts fewer = where;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            if (!fewer.empty() && differs(stream, fewer)) {
                where = fewer;
                smaller = true;
            }
        }
        for (std::size_t i = 0; i < stream.size(); ++i) {
            bytes shorter(stream.view().first(i));
            shorter.append(stream.view().from(i + 1));
            cuts moved;
            for (const auto place : where) {
                const std::size_t to = place > i ? place - 1 : place;
                if (to != 0 && to < shorter.size() && (moved.empty() || moved.back() != to)) moved.push_back(to);
            }
            if (!moved.empty() && differs(shorter, moved)) {
                stream = shorter;
                where = moved;
                smaller = true;
            }
        }
    }
}

}  // namespace

broken_law round_trip(const subject& tested, std::span<const bytes> messages) {
    buffer stream;
    outcome wanted;
    for (const auto& message : messages) {
        const std::size_t before = stream.size();
        if (!tested.encode(message, stream)) {
            if (stream.size() == before) continue;
            return report(tested, "round trip", message,
                          "the encoder refuses this message, but wrote bytes all the same");
        }
        wanted.items.push_back({decoder::message, message, 0, true});
    }
    wanted.ending = decoder::end;
    const outcome seen = run(tested, stream.view(), {});
    if (seen == wanted) return {};
    return report(tested, "round trip", stream.view(),
                  "which encodes: " + say(wanted) + "\nbut gives:     " + say(seen));
}

broken_law closure(const subject& tested, bytes_view stream) {
    for (const auto& one : run(tested, stream, {}).items) {
        if (one.kind != decoder::message) continue;
        buffer again;
        if (const auto sent = tested.encode(one.content, again); !sent) {
            return report(tested, "closure", stream,
                          "the decoder gives " + quote(one.content, 200) +
                              ", which the encoder refuses: " + sent.error().message());
        }
        if (auto broken = round_trip(tested, {&one.content, 1})) return broken;
    }
    return {};
}

broken_law fidelity(const subject& tested, bytes_view stream) {
    if (!tested.reads_all()) return {};
    buffer again;
    // Not told the end: a line that only the end completes was not read as the encoder writes it.
    for (const auto& one : run(tested, stream, {}, ending::open).items) {
        if (one.kind != decoder::message) return {};        // what is over the limit the encoder does not write
        if (!tested.encode(one.content, again)) return {};  // closure says it
    }
    const std::byte* at = stream.begin();
    for (const auto byte : again.view()) {
        at = std::find(at, stream.end(), byte);
        if (at == stream.end()) {
            return report(
                tested, "fidelity", stream,
                "the messages read from it would be written as " + quote(again.view(), 400) + ", which is not in it");
        }
        ++at;
    }
    return {};
}

broken_law boundary(const subject& tested, bytes_view stream, std::span<const bytes> messages) {
    const outcome open = run(tested, stream, {}, ending::open);
    outcome joined = run(tested, stream, {});
    // A decoder that delivers the rest at the end has no boundary there.
    if (joined.ending != decoder::end || open.items != joined.items) return {};
    buffer longer;
    longer.append(stream);
    for (const auto& message : messages) {
        if (tested.encode(message, longer)) joined.items.push_back({decoder::message, message, 0, true});
    }
    const outcome seen = run(tested, longer.view(), {});
    if (seen == joined) return {};
    return report(tested, "boundary", stream,
                  "the stream may end there, so more frames may follow\nwith them it should give: " + say(joined) +
                      "\nbut gives:                " + say(seen));
}

broken_law segmentation(const subject& tested, bytes_view stream, const effort& how_far) {
    const outcome whole = run(tested, stream, {});
    if (!whole.trouble.empty()) return report(tested, "bounds", stream, whole.trouble);
    if (const outcome eager = run(tested, stream, {}, ending::eager); !(eager == whole)) {
        return report(
            tested, "segmentation", stream,
            "told the end after it was drained: " + say(whole) + "\ntold the end at once:              " + say(eager));
    }
    bytes smallest(stream);
    cuts culprit;
    const bool differs = each_way(stream.size(), how_far, [&](const cuts& where) {
        culprit = where;
        return !(run(tested, stream, where) == whole);
    });
    if (!differs) return {};
    shrink(tested, smallest, culprit);
    return report(tested, "segmentation", smallest,
                  "in one piece:  " + say(run(tested, smallest, {})) + "\ncut " + say(culprit) + ": " +
                      say(run(tested, smallest, culprit)));
}

broken_law confluence(const subject& tested, bytes_view stream, const effort& how_far) {
    const auto reach = [&](std::size_t place) {
        feeder decode(tested.fresh());
        decode.feed(stream.first(place));
        return decode;
    };
    // What a copy does is nothing to the one it was copied from.
    const auto pair_agrees = [&](std::size_t i, std::size_t j) {
        feeder stepped = reach(i);
        feeder twin = stepped.copy();
        const feeder whole = reach(j);
        twin.feed(stream.part(i, j - i));
        stepped.feed(stream.part(i, j - i));
        const subject& there = const_cast<feeder&>(whole).tested();
        return twin.tested().same_state(there) && stepped.tested().same_state(there) && twin.seen() == whole.seen() &&
               stepped.seen() == whole.seen();
    };
    const auto complain = [&](std::size_t i, std::size_t j) {
        return report(tested, "confluence", stream.first(j),
                      "the state after " + say_size(i) + " and then the rest is not the state after all of it at once");
    };
    if (stream.size() <= how_far.every_pair_bytes) {
        for (std::size_t j = 1; j <= stream.size(); ++j) {
            for (std::size_t i = 0; i < j; ++i) {
                if (!pair_agrees(i, j)) return complain(i, j);
            }
        }
        return {};
    }
    random_source draw(how_far.seed);
    for (std::size_t pair = 0; pair < how_far.random_cuts; ++pair) {
        const auto j = static_cast<std::size_t>(draw.between(1, stream.size()));
        const auto i = static_cast<std::size_t>(draw.below(j));
        if (!pair_agrees(i, j)) return complain(i, j);
    }
    return {};
}

broken_law faithful_state(const subject& tested, bytes_view stream) {
    for (std::size_t place = 1; place < stream.size(); ++place) {
        bytes other(stream);
        other[place - 1] ^= std::byte{1};
        feeder one(tested.fresh());
        feeder two(tested.fresh());
        one.feed(stream.first(place));
        two.feed(other.view().first(place));
        if (!one.tested().same_state(two.tested())) continue;
        const std::size_t known = one.seen().items.size();
        const std::size_t known_too = two.seen().items.size();
        if (one.feed(stream.from(place))) one.finish();
        if (two.feed(stream.from(place))) two.finish();
        const auto later = [](const outcome& all, std::size_t from) {
            outcome rest = all;
            rest.items.erase(rest.items.begin(), rest.items.begin() + static_cast<std::ptrdiff_t>(from));
            return rest;
        };
        if (later(one.seen(), known) == later(two.seen(), known_too)) continue;
        return report(tested, "faithful state", stream,
                      "with another byte at " + std::to_string(place - 1) +
                          " the state behind it is called the same, but the same bytes then give something else");
    }
    return {};
}

broken_law independence(const subject& tested, bytes_view stream) {
    bytes other(stream.first(std::min<std::size_t>(stream.size(), 64)));
    std::reverse(other.begin(), other.end());
    // Another decoder that lives while the one lends a message.
    const auto disturb = [&] {
        const auto beside = tested.fresh();
        for (std::size_t place = 0; place < other.size(); ++place) {
            beside->feed(other.view().part(place, 1));
            decoder::kind what = decoder::message;
            while (what == decoder::message || what == decoder::piece || what == decoder::skipped)
                what = beside->next().what;
            if (what != decoder::more) return;
        }
    };
    const auto one = tested.fresh();
    for (std::size_t place = 0; place < stream.size(); ++place) {
        one->feed(stream.part(place, 1));
        for (decoder::event step = one->next(); step.what != decoder::more; step = one->next()) {
            if (step.what == decoder::end || step.what == decoder::failed) return {};
            const bytes lent(step.payload);
            disturb();
            if (lent == step.payload) continue;
            return report(tested, "independence", stream,
                          "a message that was lent, " + quote(lent, 200) + ", became " + quote(step.payload, 200) +
                              " when another decoder went on");
        }
    }
    return {};
}

broken_law bounded(const subject& tested, bytes_view stream) {
    for (const auto& where : {cuts{}, every_byte(stream.size())}) {
        feeder decode(tested.fresh());
        std::size_t begin = 0;
        bool goes_on = true;
        for (std::size_t i = 0; goes_on && i <= where.size(); ++i) {
            const std::size_t end = i < where.size() ? where[i] : stream.size();
            goes_on = decode.feed(stream.part(begin, end - begin));
            begin = end;
        }
        if (!decode.seen().trouble.empty()) {
            return report(tested, "bounds", stream, "cut " + say(where) + ": " + decode.seen().trouble);
        }
        const std::uint64_t looked = decode.tested().looked();
        if (looked > most_looks * begin + tested.overhead()) {
            return report(tested, "bounded work", stream,
                          std::string(where.empty() ? "in one piece" : "byte by byte") + " it looks at " +
                              std::to_string(looked) + " bytes in all, for " + say_size(begin) + " that were fed");
        }
        if (decode.seen().ending != decoder::failed) continue;
        const outcome failed = decode.seen();
        for (int more = 0; more < 3; ++more) decode.feed(stream);
        if (decode.seen() == failed && decode.tested().held() <= begin) continue;
        return report(tested, "bounds", stream,
                      "after its failure it does not stay as it was when it is fed: " + say(decode.seen()) +
                          ", and it holds " + say_size(decode.tested().held()));
    }
    return {};
}

broken_law resync(const subject& tested, const subject& generous, std::span<const bytes> messages,
                  const effort& how_far) {
    buffer stream;
    outcome skipping;
    outcome streaming;
    for (const auto& message : messages) {
        if (!generous.encode(message, stream)) continue;
        const bool over = message.size() > tested.limit();
        const item whole{decoder::message, message, 0, true};
        skipping.items.push_back(over ? item{decoder::skipped, {}, message.size(), true} : whole);
        streaming.items.push_back(over ? item{decoder::piece, message, 0, true} : whole);
    }
    skipping.ending = streaming.ending = decoder::end;
    const outcome seen = run(tested, stream.view(), {});
    if (!(seen == skipping) && !(seen == streaming)) {
        return report(tested, "resync", stream.view(),
                      "which encodes: " + say(streaming) + "\nbut gives:     " + say(seen));
    }
    return segmentation(tested, stream.view(), how_far);
}

}  // namespace weir::laws
