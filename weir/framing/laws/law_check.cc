// The streams on which the laws are tested.
#include <algorithm>

#include "weir/base/choices.h"
#include "weir/framing/laws/law_run.h"
#include "weir/framing/laws/law_streams.h"
#include "weir/framing/laws/laws.h"

namespace weir::laws {

using namespace internal;

namespace {

// Bytes that matter to framings: line ends, the end of a string, a blank, and the edges of a byte's range.
constexpr std::string_view telling("\n\r\0 \x01\x7f\x80\xff", 8);

// Tests the laws on one stream after another, and keeps the streams for the law of shift.
class campaign {
public:
    campaign(const subject& asked, std::span<const bytes> samples, const effort& effort_made)
        : tested(asked), messages(samples), how_far(effort_made) {}

    broken_law try_stream(bytes_view stream) {
        tried_.emplace_back(stream);
        if (auto broken = closure(tested, stream)) return broken;
        if (auto broken = fidelity(tested, stream)) return broken;
        if (auto broken = boundary(tested, stream, messages)) return broken;
        if (auto broken = segmentation(tested, stream, how_far)) return broken;
        if (auto broken = confluence(tested, stream, how_far)) return broken;
        if (auto broken = finality(tested, stream)) return broken;
        return bounded(tested, stream);
    }
    // Tests a stream whose content matters more than its cuts: cuts it at each byte and at a few random places, and
    // does not keep it.
    broken_law try_lightly(bytes_view stream) const {
        effort few = effort::quick();
        few.every_cut_bytes = few.three_cuts_bytes = 0;
        few.one_cut_bytes = 0;
        few.random_cuts = std::min<std::size_t>(how_far.random_cuts, 2);
        if (auto broken = closure(tested, stream)) return broken;
        if (auto broken = fidelity(tested, stream)) return broken;
        if (auto broken = boundary(tested, stream, messages)) return broken;
        if (auto broken = segmentation(tested, stream, few)) return broken;
        return finality(tested, stream);
    }
    // Tests the law of shift on every kept stream.
    broken_law shift_all() const { return shift_each(tested, tried_, messages, how_far.shift_bytes); }

    const subject& tested;
    const std::span<const bytes> messages;
    effort how_far;

private:
    std::vector<bytes> tried_;
};

// Tests every message of one or two bytes of `telling`, and single messages at the edges of a limit or of an integer's
// range.
broken_law check_messages(const subject& tested) {
    for (const char first : telling) {
        const bytes one(std::string(1, first));
        if (auto broken = round_trip(tested, {&one, 1})) return broken;
        for (const char second : telling) {
            const bytes two(std::string{first, second});
            if (auto broken = round_trip(tested, {&two, 1})) return broken;
        }
    }
    constexpr std::uint64_t largest = 128 * 1024;
    for (const std::uint64_t edge :
         {std::uint64_t{127}, std::uint64_t{255}, std::uint64_t{32767}, std::uint64_t{65535}, tested.limit()}) {
        for (std::uint64_t size = edge - std::min<std::uint64_t>(edge, 1); size <= edge + 1 && size <= largest;
             ++size) {
            const bytes one(std::string(size, 'x'));
            if (auto broken = round_trip(tested, {&one, 1})) return broken;
        }
    }
    return {};
}

// Tests frames of messages near the limit, with one more byte in the middle, or with one or two bytes of `telling`
// inserted near the end.
broken_law check_edges(campaign& laws) {
    const subject& tested = laws.tested;
    if (tested.limit() == 0 || tested.limit() > 1024) return {};
    for (const std::uint64_t size : {tested.limit() - 1, tested.limit()}) {
        buffer frame;
        if (!tested.encode(std::string(size, 'x'), frame)) continue;
        const std::string wire(frame.view().text());
        for (std::size_t place = wire.size() - std::min<std::size_t>(wire.size(), 5); place <= wire.size(); ++place) {
            for (const char inserted : telling) {
                for (const std::size_t times : {1u, 2u}) {
                    std::string changed = wire;
                    changed.insert(place, times, inserted);
                    if (auto broken = laws.try_stream(changed)) return broken;
                }
            }
        }
        // Adds one to a byte at the front, which may be part of a length, and inserts a byte in the middle.
        for (std::size_t place = 0; place < std::min<std::size_t>(wire.size() / 2, 12); ++place) {
            std::string more = wire;
            ++more[place];
            more.insert(wire.size() / 2, 1, 'x');
            if (auto broken = laws.try_stream(more)) return broken;
        }
        std::string longer = wire;
        longer.insert(wire.size() / 2, 1, 'x');
        if (auto broken = laws.try_stream(longer)) return broken;
    }
    // Tests more bytes than the limit, without an end.
    return laws.try_stream(std::string(tested.limit() + tested.overhead() + 8, 'x'));
}

// Tests messages over the limit, of several sizes, between other messages.
broken_law check_oversize(campaign& laws) {
    const subject& tested = laws.tested;
    const auto generous = tested.generous();
    if (generous == nullptr || tested.limit() > 1024) return {};
    for (std::uint64_t size = tested.limit() + 1; size <= tested.limit() + 9; ++size) {
        const bytes large(std::string(size, 'x'));
        const bytes around[] = {bytes("a"), large, bytes("b"), large, large, bytes("c")};
        if (auto broken = resync(tested, *generous, around, laws.how_far)) return broken;
    }
    return {};
}

// Tests numbers at the edges of their range, in both byte orders, followed by few bytes and by more bytes than the
// limit.
broken_law check_numbers(campaign& laws) {
    const subject& tested = laws.tested;
    constexpr std::string_view heads("\x00\x7f\x80\xff", 4);
    constexpr std::string_view tails("\x00\x01\x80\xfc\xff", 5);
    const std::string flood(tested.limit() <= 1024 ? tested.limit() + tested.overhead() + 8 : 0, 'x');
    for (const std::size_t width : {1u, 2u, 3u, 4u, 8u}) {
        for (const char head : heads) {
            for (const char tail : tails) {
                std::string extreme(width, head == '\x7f' || head == '\xff' ? '\xff' : '\x00');
                extreme.front() = head;
                extreme.back() = tail;
                if (auto broken = laws.try_stream(extreme + "ab")) return broken;
                if (auto broken = bounded(tested, extreme + flood)) return broken;
            }
        }
    }
    return {};
}

broken_law check_changed(campaign& laws, bytes_view stream) {
    choices draw = choices::random(laws.how_far.seed);
    // Tests the stream without its end, with changed bytes, or without its beginning.
    for (int variant = 0; variant < 12 && !stream.empty(); ++variant) {
        bytes changed(stream);
        if (variant % 4 == 0) changed.resize(draw.below(changed.size()));
        if (variant % 4 == 3) changed = bytes(changed.view().from(draw.below(changed.size())));
        for (int change = variant % 4; change > 0 && !changed.empty(); --change) {
            const auto other = draw.one_in(2) ? static_cast<std::uint8_t>(telling[draw.below(telling.size())])
                                              : static_cast<std::uint8_t>(draw.below(256));
            changed[draw.below(changed.size())] = std::byte{other};
        }
        if (auto broken = laws.try_stream(changed)) return broken;
    }
    for (std::size_t size = 0; size < 10; ++size) {
        bytes noise(size);
        for (auto& byte : noise) {
            byte = static_cast<std::byte>(draw.one_in(3) ? static_cast<std::uint64_t>(telling[draw.below(2)])
                                                         : draw.below(8));
        }
        if (auto broken = laws.try_stream(noise)) return broken;
    }
    return {};
}

// Tests frames of short messages, cut in many ways, and then each frame with one change.
broken_law check_frames(campaign& laws) {
    const auto frames = short_frames(laws.tested, laws.messages);
    for (const auto& frame : frames) {
        if (auto broken = segmentation(laws.tested, frame, laws.how_far)) return broken;
    }
    for (const auto& frame : frames) {
        for (const auto& changed : changed_frames(frame)) {
            if (auto broken = laws.try_lightly(changed)) return broken;
        }
    }
    // Tests numbers and marks that never end, and a larger number with more bytes than the limit after it.
    if (laws.tested.limit() > 1024) return {};
    const std::size_t beyond = static_cast<std::size_t>(laws.tested.limit()) + laws.tested.overhead() + 8;
    for (const char one : telling) {
        if (auto broken = bounded(laws.tested, std::string(beyond, one))) return broken;
    }
    for (const auto& frame : frames) {
        std::string larger(frame.view().text());
        larger.insert(0, "99");
        if (auto broken = bounded(laws.tested, larger + std::string(beyond, 'x'))) return broken;
    }
    return {};
}

}  // namespace

broken_law check(const subject& tested, std::span<const bytes> messages, const effort& how_far) {
    if (auto broken = round_trip(tested, messages)) return broken;
    if (auto broken = checksum(tested, messages)) return broken;
    if (auto broken = check_messages(tested)) return broken;
    for (const auto& many : many_messages(tested, messages)) {
        if (auto broken = round_trip(tested, many)) return broken;
        if (auto broken = checksum(tested, many)) return broken;
    }
    buffer stream;
    for (const auto& message : messages) static_cast<void>(tested.encode(message, stream));
    if (auto broken = independence(tested, stream.view())) return broken;
    campaign laws(tested, messages, how_far);
    if (auto broken = laws.try_stream(stream.view())) return broken;
    if (auto broken = faithful_state(tested, stream.view().first(std::min<std::size_t>(stream.size(), 200))))
        return broken;
    if (auto broken = check_frames(laws)) return broken;
    buffer long_stream;
    static_cast<void>(tested.encode(std::string(std::min<std::uint64_t>(tested.limit(), 4096), 'x'), long_stream));
    if (auto broken = bounded(tested, long_stream.view())) return broken;
    // For the many streams below, the content matters more than the cuts.
    effort& less = laws.how_far;
    less.every_cut_bytes = std::min<std::size_t>(how_far.every_cut_bytes, 8);
    less.three_cuts_bytes = std::min<std::size_t>(how_far.three_cuts_bytes, 12);
    less.one_cut_bytes = std::min<std::size_t>(how_far.one_cut_bytes, 512);
    less.every_pair_bytes = std::min<std::size_t>(how_far.every_pair_bytes, 12);
    less.random_cuts = std::min<std::size_t>(how_far.random_cuts, 10);
    if (auto broken = check_edges(laws)) return broken;
    if (auto broken = check_oversize(laws)) return broken;
    if (auto broken = check_numbers(laws)) return broken;
    if (auto broken = check_changed(laws, stream.view())) return broken;
    return laws.shift_all();
}

}  // namespace weir::laws
