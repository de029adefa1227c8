// The laws about the memory of a decoder, its work, its end, and its place in a long stream.
#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/laws/law_run.h"
#include "weir/framing/laws/law_shrink.h"

namespace weir::laws {

using namespace internal;

namespace {

// Feeds the stream, cut at these places, until its end or a failure. `fed` must be 0; it receives the number of fed
// bytes.
void feed_all(feeder& decode, bytes_view stream, const cuts& where, std::size_t& fed) {
    bool goes_on = true;
    for (std::size_t i = 0; goes_on && i <= where.size(); ++i) {
        const std::size_t end = i < where.size() ? where[i] : stream.size();
        goes_on = decode.feed(stream.part(fed, end - fed));
        fed = end;
    }
}

broken_law out_of_bounds(const subject& tested, bytes_view stream) {
    for (const auto& where : {cuts{}, every_byte(stream.size())}) {
        feeder decode(tested.fresh());
        std::size_t fed = 0;
        feed_all(decode, stream, where, fed);
        const std::string how = where.empty() ? "in one piece" : "byte by byte";
        if (!decode.seen().trouble.empty()) return report(tested, "bounds", stream, how + ": " + decode.seen().trouble);
        const std::uint64_t looked = decode.tested().looked();
        if (looked <= tested.most_looks() * fed + tested.overhead()) continue;
        return report(tested, "bounded work", stream,
                      how + ", the decoder examines " + std::to_string(looked) + " bytes in all for " + say_size(fed) +
                          " of input; the limit is " + std::to_string(tested.most_looks()) +
                          " times the input, plus an overhead of " + std::to_string(tested.overhead()));
    }
    return {};
}

broken_law not_final(const subject& tested, bytes_view stream) {
    for (const auto& where : {cuts{}, every_byte(stream.size())}) {
        feeder decode(tested.fresh());
        std::size_t fed = 0;
        feed_all(decode, stream, where, fed);
        if (!decode.seen().trouble.empty()) continue;  // reported by the law of bounds
        const auto stays = [&](const outcome& ended) {
            return decode.seen() == ended && decode.tested().held() <= fed;
        };
        const auto complain = [&](const outcome& ended, const std::string& event) {
            return report(tested, "finality", stream,
                          "the result is: " + say(ended) + "\nbut " + event + ": " + say(decode.seen()) +
                              ", and the decoder holds " + say_size(decode.tested().held()));
        };
        outcome ended = decode.seen();
        if (ended.ending == decoder::failed) {
            for (int more = 0; more < 3; ++more) decode.feed(stream);
            if (!stays(ended)) return complain(ended, "after more calls of feed()");
            decode.finish();
            if (!stays(ended)) return complain(ended, "after finish()");
        } else {
            decode.finish();
            ended = decode.seen();
        }
        decode.drain(0);
        if (!stays(ended)) return complain(ended, "after another call of next()");
    }
    return {};
}

// A decoder that has consumed many messages.
struct distant {
    std::unique_ptr<subject> there;
    std::uint64_t place = 0;
};

distant walk(const subject& tested, std::span<const bytes> messages, std::uint64_t distance) {
    constexpr std::size_t portion_bytes = 64 * 1024;
    buffer portion;
    for (const auto& message : messages) {
        if (tested.encode(message, portion) && !portion.empty()) {
            while (portion.size() < std::min<std::uint64_t>(portion_bytes, distance))
                static_cast<void>(tested.encode(message, portion));
            break;
        }
    }
    if (portion.empty()) return {};
    distant from{tested.fresh(), 0};
    while (from.place < distance) {
        from.there->feed(portion.view());
        from.place += portion.size();
        decoder::kind what = decoder::message;
        while (what == decoder::message) what = from.there->next().what;
        if (what != decoder::more) return {};  // reported by the law of round trip
    }
    return from;
}

broken_law shifted_from(const distant& from, bytes_view stream) {
    outcome near = run(*from.there, stream, {});
    feeder decode(from.there->copy());
    if (decode.feed(stream)) decode.finish();
    if (near.ending == decoder::failed) near.place += from.place;
    if (decode.seen() == near) return {};
    return report(*from.there, "shift", stream,
                  "after " + std::to_string(from.place) + " bytes of whole messages, the result should be: " +
                      say(near) + "\nbut it is: " + say(decode.seen()));
}

}  // namespace

broken_law bounded(const subject& tested, bytes_view stream) {
    return least(stream, [&](bytes_view part) { return out_of_bounds(tested, part); });
}

broken_law finality(const subject& tested, bytes_view stream) {
    return least(stream, [&](bytes_view part) { return not_final(tested, part); });
}

broken_law internal::shift_each(const subject& tested, std::span<const bytes> streams, std::span<const bytes> messages,
                                std::uint64_t distance) {
    if (tested.depends_on() != sensitivity::nothing) return {};
    const distant from = walk(tested, messages, distance);
    if (from.there == nullptr) return {};
    for (const auto& stream : streams) {
        if (auto broken = least(stream, [&](bytes_view part) { return shifted_from(from, part); })) return broken;
    }
    return {};
}

broken_law shift(const subject& tested, bytes_view stream, std::span<const bytes> messages, std::uint64_t distance) {
    const bytes one(stream);
    return shift_each(tested, {&one, 1}, messages, distance);
}

}  // namespace weir::laws
