// Compares splitting: weir::decoder against the loop that a C programmer writes for one framing. The input is one
// buffer that is fed repeatedly, as if from one large read, or a stream in pieces that split messages.
#include <bit>
#include <cstdint>
#include <cstring>

#include "bench/sides.h"

namespace {

using namespace bench;

constexpr std::size_t limit = std::size_t{1} << 20;
constexpr std::size_t piece_bytes = std::size_t{16} << 10;

// ---- the loops to compare with: each passes on whole messages and returns where the rest begins ----

struct be32 {
    static std::uint32_t read(const std::byte* at) {
        std::uint32_t number;
        std::memcpy(&number, at, sizeof number);
        return std::endian::native == std::endian::little ? __builtin_bswap32(number) : number;
    }
    static constexpr std::size_t width = 4;
};

struct le16 {
    static std::uint16_t read(const std::byte* at) {
        std::uint16_t number;
        std::memcpy(&number, at, sizeof number);
        return std::endian::native == std::endian::big ? __builtin_bswap16(number) : number;
    }
    static constexpr std::size_t width = 2;
};

template <class Field>
struct bare_length {
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        while (static_cast<std::size_t>(end - at) >= Field::width) {
            const std::size_t size = Field::read(at);
            if (size > limit) return nullptr;
            if (size > static_cast<std::size_t>(end - at) - Field::width) break;
            to.take(at + Field::width, size);
            at += Field::width + size;
        }
        return at;
    }
};

struct bare_lines {
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        while (at != end) {
            const void* const found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
            if (found == nullptr) break;
            const auto* const lf = static_cast<const std::byte*>(found);
            to.take(at, static_cast<std::size_t>(lf - at));
            at = lf + 1;
        }
        return at;
    }
};

// The copy into `room` replaces a read. The rest, a partial message, is moved to the front.
template <class Bare, class Consumer>
[[gnu::noinline]] Consumer split_bare_pieces(const stream& input, unsigned passes, Consumer to) {
    bytes room(piece_bytes + input.longest() + sizeof(std::uint64_t));
    std::size_t held = 0;
    for (; passes != 0; --passes) {
        for (std::size_t at = 0; at < input.wire.size(); at += piece_bytes) {
            const std::size_t came = std::min(piece_bytes, input.wire.size() - at);
            std::memcpy(room.data() + held, input.wire.data() + at, came);
            const std::byte* const end = room.data() + held + came;
            const std::byte* const rest = Bare::split(room.data(), end, to);
            WEIR_CHECK(rest != nullptr, "the input has no message over the limit");
            held = static_cast<std::size_t>(end - rest);
            std::memmove(room.data(), rest, held);
        }
    }
    return to;
}

// ---- weir ----

template <class Consumer>
[[gnu::noinline]] Consumer split_weir_pieces(const framing& described, const stream& input, unsigned passes,
                                             Consumer to) {
    decoder decode(described);
    bytes room(piece_bytes);
    for (; passes != 0; --passes) {
        for (std::size_t at = 0; at < input.wire.size(); at += piece_bytes) {
            const std::size_t came = std::min(piece_bytes, input.wire.size() - at);
            std::memcpy(room.data(), input.wire.data() + at, came);
            decode.feed({room.data(), came});
            drain(decode, to);
        }
    }
    return to;
}

template <class Bare>
void compare_pieces(const std::string& name, const framing& described, const stream& input) {
    compare_on(
        name + ", partial", input, {},
        [](const stream& in, unsigned passes, auto to) { return split_bare_pieces<Bare>(in, passes, to); },
        [&](const stream& in, unsigned passes, auto to) { return split_weir_pieces(described, in, passes, to); });
}

}  // namespace

int main(int count, char** arguments) {
    if (count > 1) wanted_name = arguments[1];
    pin();
    print_heading("bare", "weir");
    const framing lines = framing::lines();
    const framing len32 = framing::len32().max(limit);
    const framing len16le = framing::len16le();
    using bare_len32 = bare_length<be32>;
    using bare_len16le = bare_length<le16>;

    // Sizes that fit into the first-level cache, into the second, and into neither. The goals are for 64 KiB, the size
    // of a channel's read, and more. With 16 KiB there are so few messages that the cost of feed() is visible.
    for (const std::size_t total : {std::size_t{16} << 10, std::size_t{64} << 10, std::size_t{1} << 20}) {
        const bool judged = total >= std::size_t{64} << 10;
        const auto at_most = [&](double ratio) { return judged ? goal{goal::time, ratio} : goal{}; };
        const auto at_least = [&](double ratio) { return judged ? goal{goal::throughput, ratio} : goal{}; };
        compare_whole<bare_len32>("len32, 64 B", len32, make_stream(put_len32, {64, 64}, total), at_most(1.5));
        compare_whole<bare_lines>("lines, 1 KiB", lines, make_stream(put_line, {1024, 1024}, total), at_least(0.9));
        compare_whole<bare_lines>("lines, 16 B", lines, make_stream(put_line, {16, 16}, total), at_least(1.5));
    }
    constexpr std::size_t total = std::size_t{64} << 10;
    compare_whole<bare_len32>("len32, 1 KiB", len32, make_stream(put_len32, {1024, 1024}, total));
    compare_whole<bare_len32>("len32, 1 to 200 B", len32, make_stream(put_len32, {1, 200}, total));
    compare_whole<bare_len16le>("len16le, 64 B", len16le, make_stream(put_len16le, {64, 64}, total));
    compare_whole<bare_lines>("lines, 64 B", lines, make_stream(put_line, {64, 64}, total));
    compare_whole<bare_lines>("lines, 1 to 200 B", lines, make_stream(put_line, {1, 200}, total));

    // The first message has an odd size, so that only the last piece ends at a message boundary.
    constexpr std::size_t long_total = std::size_t{1} << 20;
    compare_pieces<bare_len32>("len32, 64 B", len32, make_stream(put_len32, {64, 64}, long_total, 31));
    compare_pieces<bare_len32>("len32, 1 KiB", len32, make_stream(put_len32, {1024, 1024}, long_total, 31));
    compare_pieces<bare_lines>("lines, 16 B", lines, make_stream(put_line, {15, 15}, long_total, 30));
    compare_pieces<bare_lines>("lines, 1 KiB", lines, make_stream(put_line, {1023, 1023}, long_total, 30));
    compare_pieces<bare_lines>("lines, 1 to 200 B", lines, make_stream(put_line, {1, 200}, long_total));
    return everything_good ? 0 : 1;
}
