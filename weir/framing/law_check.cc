// Which streams the laws are tried on.
#include <algorithm>

#include "weir/base/random.h"
#include "weir/framing/laws.h"

namespace weir::laws {
namespace {

// What framings care about: line ends, ends of strings, blanks, signs, the edges of a byte.
constexpr std::string_view telling("\n\r\0 \x01\x7f\x80\xff", 8);

broken_law check_stream(const subject& tested, bytes_view stream, std::span<const bytes> messages,
                        const effort& how_far) {
    if (auto broken = closure(tested, stream)) return broken;
    if (auto broken = fidelity(tested, stream)) return broken;
    if (auto broken = boundary(tested, stream, messages)) return broken;
    if (auto broken = segmentation(tested, stream, how_far)) return broken;
    if (auto broken = confluence(tested, stream, how_far)) return broken;
    return bounded(tested, stream);
}

// Every message of one or two telling bytes, and messages at the edges of a limit or of an integer's range, alone.
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

// A message of nearly the limit, with one byte more in the middle, or one or two telling ones before its end.
broken_law check_edges(const subject& tested, std::span<const bytes> messages, const effort& how_far) {
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
                    if (auto broken = check_stream(tested, changed, messages, how_far)) return broken;
                }
            }
        }
        std::string longer = wire;
        longer.insert(wire.size() / 2, 1, 'x');
        if (auto broken = check_stream(tested, longer, messages, how_far)) return broken;
    }
    // More than the limit without an end.
    return check_stream(tested, std::string(tested.limit() + tested.overhead() + 8, 'x'), messages, how_far);
}

// Numbers at the edges of their range, in either byte order, with little behind them, and with more than the limit.
broken_law check_numbers(const subject& tested, std::span<const bytes> messages, const effort& how_far) {
    constexpr std::string_view heads("\x00\x7f\x80\xff", 4);
    constexpr std::string_view tails("\x00\x01\x80\xfc\xff", 5);
    const std::string flood(tested.limit() <= 1024 ? tested.limit() + tested.overhead() + 8 : 0, 'x');
    for (const std::size_t width : {1u, 2u, 3u, 4u, 8u}) {
        for (const char head : heads) {
            for (const char tail : tails) {
                std::string extreme(width, head == '\x7f' || head == '\xff' ? '\xff' : '\x00');
                extreme.front() = head;
                extreme.back() = tail;
                if (auto broken = check_stream(tested, extreme + "ab", messages, how_far)) return broken;
                if (auto broken = bounded(tested, extreme + flood)) return broken;
            }
        }
    }
    return {};
}

broken_law check_changed(const subject& tested, bytes_view stream, std::span<const bytes> messages,
                         const effort& how_far) {
    random_source draw(how_far.seed);
    // Torn at the end; with bytes changed; with the head torn off.
    for (int variant = 0; variant < 12 && !stream.empty(); ++variant) {
        bytes changed(stream);
        if (variant % 4 == 0) changed.resize(draw.below(changed.size()));
        if (variant % 4 == 3) changed = bytes(changed.view().from(draw.below(changed.size())));
        for (int change = variant % 4; change > 0 && !changed.empty(); --change) {
            const auto other = draw.one_in(2) ? static_cast<std::uint8_t>(telling[draw.below(telling.size())])
                                              : static_cast<std::uint8_t>(draw.next());
            changed[draw.below(changed.size())] = std::byte{other};
        }
        if (auto broken = check_stream(tested, changed, messages, how_far)) return broken;
    }
    for (std::size_t size = 0; size < 10; ++size) {
        bytes noise(size);
        for (auto& byte : noise) {
            byte = static_cast<std::byte>(draw.one_in(3) ? static_cast<std::uint64_t>(telling[draw.below(2)])
                                                         : draw.below(8));
        }
        if (auto broken = check_stream(tested, noise, messages, how_far)) return broken;
    }
    return {};
}

}  // namespace

broken_law check(const subject& tested, std::span<const bytes> messages, const effort& how_far) {
    if (auto broken = round_trip(tested, messages)) return broken;
    if (auto broken = check_messages(tested)) return broken;
    buffer stream;
    for (const auto& message : messages) static_cast<void>(tested.encode(message, stream));
    if (auto broken = check_stream(tested, stream.view(), messages, how_far)) return broken;
    if (auto broken = faithful_state(tested, stream.view().first(std::min<std::size_t>(stream.size(), 200))))
        return broken;
    if (auto broken = independence(tested, stream.view())) return broken;
    buffer long_stream;
    static_cast<void>(tested.encode(std::string(std::min<std::uint64_t>(tested.limit(), 4096), 'x'), long_stream));
    if (auto broken = bounded(tested, long_stream.view())) return broken;
    effort less = how_far;
    less.every_cut_bytes = std::min<std::size_t>(how_far.every_cut_bytes, 8);
    less.few_pieces_bytes = std::min<std::size_t>(how_far.few_pieces_bytes, 12);
    less.every_pair_bytes = std::min<std::size_t>(how_far.every_pair_bytes, 12);
    less.random_cuts = std::min<std::size_t>(how_far.random_cuts, 10);
    if (auto broken = check_edges(tested, messages, less)) return broken;
    if (auto broken = check_numbers(tested, messages, less)) return broken;
    return check_changed(tested, stream.view(), messages, less);
}

}  // namespace weir::laws
