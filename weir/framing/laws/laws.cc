// The laws about messages and about several decoders. The laws about cuts and bounds are in law_cuts.cc and
// law_bounds.cc.
#include "weir/framing/laws/laws.h"

#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/laws/law_run.h"
#include "weir/framing/laws/law_shrink.h"

namespace weir::laws {

using namespace internal;

effort effort::quick() {
    effort least;
    least.every_cut_bytes = 6;
    least.three_cuts_bytes = 10;
    least.one_cut_bytes = 24;
    least.random_cuts = 4;
    least.every_pair_bytes = 10;
    least.shift_bytes = 66'000;
    return least;
}

effort effort::usual() { return {}; }

effort effort::complete() {
    effort most;
    most.every_cut_bytes = 20;
    most.three_cuts_bytes = 200;
    most.one_cut_bytes = 4096;
    most.random_cuts = 1000;
    most.every_pair_bytes = 4096;
    most.shift_bytes = (std::uint64_t{1} << 32) + 70'000;
    return most;
}

namespace {

// Encoded messages, and the outcome that decoding them must have. For a framing that depends on more than the bytes,
// each frame is a separate piece.
struct encoded {
    buffer stream;
    cuts where;
    between pieces = between::nothing;
    outcome wanted;
};

broken_law not_round(const subject& tested, std::span<const bytes> messages) {
    encoded wire;
    const bool plain = tested.depends_on() == sensitivity::nothing;
    wire.pieces = plain ? between::nothing : between::gap;
    for (const auto& message : messages) {
        const std::size_t before = wire.stream.size();
        if (!tested.encode(message, wire.stream)) {
            if (wire.stream.size() == before) continue;
            return report(tested, "round trip", message, "the encoder refuses this message, but wrote bytes for it");
        }
        if (!plain && before != 0) wire.where.push_back(before);
        wire.wanted.items.push_back({decoder::message, message, 0, true});
    }
    wire.wanted.ending = decoder::end;
    const outcome seen = run(tested, wire.stream.view(), wire.where, ending::drained, wire.pieces);
    if (seen == wire.wanted) return {};
    return report(tested, "round trip", wire.stream.view(),
                  "it encodes:     " + say(wire.wanted) + "\nbut decodes to: " + say(seen));
}

broken_law not_closed(const subject& tested, bytes_view stream) {
    for (const auto& one : run(tested, stream, {}).items) {
        if (one.kind != decoder::message) continue;
        buffer again;
        if (const auto sent = tested.encode(one.content, again); !sent) {
            return report(tested, "closure", stream,
                          "the decoder returns " + quote(one.content, 200) +
                              ", which the encoder refuses: " + sent.error().message());
        }
        if (auto broken = not_round(tested, {&one.content, 1})) return broken;
    }
    return {};
}

broken_law not_faithful(const subject& tested, bytes_view stream) {
    if (!tested.reads_all()) return {};
    buffer again;
    std::size_t written = 0;
    // Without finish(): a line that only the end of the stream completes differs from what the encoder writes.
    for (const auto& one : run(tested, stream, {}, ending::open).items) {
        if (one.kind != decoder::message) return {};        // the encoder does not write messages over the limit
        if (!tested.encode(one.content, again)) return {};  // the law of closure reports it
        ++written;
    }
    const std::byte* at = stream.begin();
    for (const auto byte : again.view()) {
        at = std::find(at, stream.end(), byte);
        if (at == stream.end()) {
            return report(
                tested, "fidelity", stream,
                "the decoded messages encode to " + quote(again.view(), 400) + ", which the stream does not contain");
        }
        ++at;
    }
    if (!tested.writes_one_way() || again.view() == stream) return {};
    const outcome drained = run(tested, stream, {});
    if (drained.ending != decoder::end || drained.items.size() != written) return {};
    return report(tested, "fidelity", stream,
                  "the decoded messages encode to " + quote(again.view(), 400) +
                      ", but in this framing each message has exactly one valid encoding");
}

broken_law no_boundary(const subject& tested, bytes_view stream, std::span<const bytes> messages) {
    if (tested.depends_on() != sensitivity::nothing) return {};
    const outcome open = run(tested, stream, {}, ending::open);
    outcome joined = run(tested, stream, {});
    // When finish() fails, or makes a message of the remaining bytes, the end of this stream is not a boundary.
    if (joined.ending != decoder::end || open.items != joined.items) return {};
    buffer longer;
    longer.append(stream);
    for (const auto& message : messages) {
        if (tested.encode(message, longer)) joined.items.push_back({decoder::message, message, 0, true});
    }
    const outcome seen = run(tested, longer.view(), {});
    if (seen == joined) return {};
    return report(tested, "boundary", stream,
                  "the stream may end there, so more frames may follow\nthen the result should be: " + say(joined) +
                      "\nbut it is:                 " + say(seen));
}

broken_law unfaithful_state(const subject& tested, bytes_view stream) {
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
                      "another byte at " + std::to_string(place - 1) +
                          " leads to an equal state, but the same further bytes then give other results");
    }
    return {};
}

broken_law dependent(const subject& tested, bytes_view stream) {
    bytes other(stream.first(std::min<std::size_t>(stream.size(), 64)));
    std::reverse(other.begin(), other.end());
    // Runs another decoder while a message is borrowed from the first.
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
            const bytes copy(step.payload);
            disturb();
            if (copy == step.payload) continue;
            return report(tested, "independence", stream,
                          "a message that was returned, " + quote(copy, 200) + ", became " + quote(step.payload, 200) +
                              " while another decoder was used");
        }
    }
    return {};
}

}  // namespace

broken_law internal::shared_copy(const subject& tested, bytes_view stream, std::size_t place) {
    feeder original(tested.fresh());
    feeder untouched(tested.fresh());
    const bool goes_on = original.feed(stream.first(place));
    if (!untouched.feed(stream.first(place)) || !goes_on) return {};
    feeder twin = original.copy();
    if (twin.feed(stream.from(place))) twin.finish();
    // Compares only the states. The original must not be fed here: if it shared its state with the copy, finish() was
    // called on it, too.
    if (original.tested().same_state(untouched.tested()) && untouched.tested().same_state(original.tested()) &&
        original.tested().held() == untouched.tested().held())
        return {};
    return report(tested, "independence", stream,
                  "a copy made after " + say_size(place) +
                      " decoded the rest of the stream, and that changed the decoder it was copied from");
}

broken_law round_trip(const subject& tested, std::span<const bytes> messages) {
    return least(messages, [&](std::span<const bytes> fewer) { return not_round(tested, fewer); });
}

broken_law closure(const subject& tested, bytes_view stream) {
    return least(stream, [&](bytes_view part) { return not_closed(tested, part); });
}

broken_law fidelity(const subject& tested, bytes_view stream) {
    return least(stream, [&](bytes_view part) { return not_faithful(tested, part); });
}

broken_law checksum(const subject& tested, std::span<const bytes> messages) {
    for (const auto& message : messages) {
        buffer frame;
        if (tested.checksum_bytes() == 0 || !tested.encode(message, frame)) continue;
        for (std::size_t bit = 0; bit < 8 * tested.checksum_bytes(); ++bit) {
            bytes changed(frame.view());
            changed[changed.size() - 1 - bit / 8] ^= std::byte{1} << (bit % 8);
            if (run(tested, changed, {}).ending == decoder::failed) continue;
            return report(tested, "checksum", changed,
                          "the checksum does not match the message, but the decoder accepts the frame");
        }
    }
    return {};
}

broken_law boundary(const subject& tested, bytes_view stream, std::span<const bytes> messages) {
    auto broken = least(messages, [&](std::span<const bytes> fewer) { return no_boundary(tested, stream, fewer); });
    if (!broken) return {};
    auto smaller = least(stream, [&](bytes_view part) { return no_boundary(tested, part, messages); });
    return smaller ? smaller : broken;
}

broken_law faithful_state(const subject& tested, bytes_view stream) {
    return least(stream, [&](bytes_view part) { return unfaithful_state(tested, part); });
}

broken_law independence(const subject& tested, bytes_view stream) {
    const std::size_t step = std::max<std::size_t>(1, stream.size() / 64);
    for (std::size_t place = 0; place <= stream.size(); place += step) {
        const auto shared = [&](bytes_view part) { return shared_copy(tested, part, std::min(place, part.size())); };
        if (auto broken = least(stream, shared)) return broken;
    }
    return least(stream, [&](bytes_view part) { return dependent(tested, part); });
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
                      "it encodes:     " + say(streaming) + "\nbut decodes to: " + say(seen));
    }
    return segmentation(tested, stream.view(), how_far);
}

}  // namespace weir::laws
