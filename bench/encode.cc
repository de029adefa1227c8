// Making frames: weir::encoder into a buffer against a memcpy behind a header that is written by hand.
#include <bit>
#include <cstdint>
#include <cstring>

#include "bench/measure.h"
#include "bench/stream.h"
#include "weir/base/buffer.h"
#include "weir/framing/encoder.h"

namespace {

using namespace bench;
using weir::encoder;
using weir::framing;

constexpr std::size_t total = std::size_t{64} << 10;

struct bare_len32 {
    static constexpr std::size_t overhead = 4;
    static std::byte* put(std::byte* at, bytes_view message) {
        auto size = static_cast<std::uint32_t>(message.size());
        if (std::endian::native == std::endian::little) size = __builtin_bswap32(size);
        std::memcpy(at, &size, sizeof size);
        std::memcpy(at + sizeof size, message.data(), message.size());
        return at + sizeof size + message.size();
    }
};

// It trusts the message to have no line feed; weir looks.
struct bare_line {
    static constexpr std::size_t overhead = 1;
    static std::byte* put(std::byte* at, bytes_view message) {
        std::memcpy(at, message.data(), message.size());
        at[message.size()] = std::byte{'\n'};
        return at + message.size() + 1;
    }
};

template <class Bare>
[[gnu::noinline]] void encode_bare(const stream& sent, unsigned passes) {
    bytes room(total);
    const std::byte* const end = room.data() + total;
    std::byte* at = room.data();
    for (; passes != 0; --passes) {
        forget();
        at = room.data();
        for (const bytes& message : sent.messages) {
            if (message.size() + Bare::overhead > static_cast<std::size_t>(end - at)) break;
            at = Bare::put(at, message);
        }
    }
    WEIR_CHECK(bytes_view(room.data(), static_cast<std::size_t>(at - room.data())) == sent.wire.view(), "wrong frames");
}

[[gnu::noinline]] void encode_weir(const framing& described, const stream& sent, unsigned passes) {
    const encoder encode(described);
    weir::buffer room;
    for (; passes != 0; --passes) {
        forget();
        room.clear();
        for (const bytes& message : sent.messages) WEIR_CHECK(encode.encode(message, room), "refused");
    }
    WEIR_CHECK(room.view() == sent.wire.view(), "wrong frames");
}

template <class Bare>
bool compare_encoding(const char* name, const framing& described, const stream& sent) {
    const comparison seen = compare([&](unsigned passes) { encode_bare<Bare>(sent, passes); },
                                    [&](unsigned passes) { encode_weir(described, sent, passes); });
    return print_row(name, seen, sent.messages.size(), {});
}

}  // namespace

int main() {
    pin();
    print_heading("bare", "weir");
    bool good = true;
    good &=
        compare_encoding<bare_len32>("encode len32, 64 B", framing::len32(), make_stream(put_len32, {64, 64}, total));
    good &= compare_encoding<bare_len32>("encode len32, 1 KiB", framing::len32(),
                                         make_stream(put_len32, {1024, 1024}, total));
    good &= compare_encoding<bare_line>("encode lines, 64 B", framing::lines(), make_stream(put_line, {64, 64}, total));
    return good ? 0 : 1;
}
