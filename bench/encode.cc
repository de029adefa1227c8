// Compares how frames are made: by weir::encoder, and by a memcpy after a header that is written by hand.
#include <bit>
#include <cstdint>
#include <cstring>

#include "bench/sides.h"

namespace {

using namespace bench;

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

// This code does not check the message for a line feed; weir does.
struct bare_line {
    static constexpr std::size_t overhead = 1;
    static std::byte* put(std::byte* at, bytes_view message) {
        std::memcpy(at, message.data(), message.size());
        at[message.size()] = std::byte{'\n'};
        return at + message.size() + 1;
    }
};

}  // namespace

int main(int count, char** arguments) {
    if (count > 1) wanted_name = arguments[1];
    pin();
    print_heading("bare", "weir");
    compare_encoding<bare_len32>("encode len32, 64 B", framing::len32(), make_stream(put_len32, {64, 64}, total));
    compare_encoding<bare_len32>("encode len32, 1 KiB", framing::len32(), make_stream(put_len32, {1024, 1024}, total));
    compare_encoding<bare_line>("encode lines, 64 B", framing::lines(), make_stream(put_line, {64, 64}, total));
    return everything_good ? 0 : 1;
}
