// Every framing, one row for splitting and one for making frames: weir against the simplest loop that does the same for
// this framing alone. The loop makes the same checks as weir: the limit, whether enough bytes have arrived, bytes that
// a message must not contain, and checksums.
#include <array>
#include <cstdint>
#include <cstring>

#include "bench/sides.h"

namespace {

using namespace bench;

constexpr std::size_t total = std::size_t{64} << 10;
constexpr std::size_t limit = std::size_t{1} << 20;

std::size_t between(const std::byte* at, const std::byte* end) { return static_cast<std::size_t>(end - at); }

std::byte* copy(std::byte* at, const std::byte* from, std::size_t size) {
    std::memcpy(at, from, size);
    return at + size;
}

// ---- framings with a length prefix ----

template <std::size_t width, bool big>
struct number {
    static std::uint64_t read(const std::byte* at) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i)
            value |= std::to_integer<std::uint64_t>(at[i]) << (8 * (big ? width - 1 - i : i));
        return value;
    }
    static std::byte* write(std::byte* at, std::uint64_t value) {
        for (std::size_t i = 0; i < width; ++i)
            at[i] = static_cast<std::byte>(value >> (8 * (big ? width - 1 - i : i)));
        return at + width;
    }
};

struct no_sum {
    static constexpr std::size_t width = 0;
    static std::uint64_t of(const std::byte*, std::size_t) { return 0; }
};

struct xor8 {
    static constexpr std::size_t width = 1;
    static std::uint64_t of(const std::byte* at, std::size_t size) {
        std::byte sum{};
        for (std::size_t i = 0; i < size; ++i) sum ^= at[i];
        return std::to_integer<std::uint64_t>(sum);
    }
};

template <std::uint32_t polynomial>
struct crc {
    static constexpr std::size_t width = 4;
    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t state = i;
            for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? polynomial : 0);
            made[i] = state;
        }
        return made;
    }();
    static std::uint64_t of(const std::byte* at, std::size_t size) {
        std::uint32_t state = UINT32_MAX;
        for (std::size_t i = 0; i < size; ++i)
            state = (state >> 8) ^ table[(state ^ std::to_integer<std::uint32_t>(at[i])) & 0xff];
        return state ^ UINT32_MAX;
    }
};

constexpr std::array<std::byte, 2> magic{std::byte{0xca}, std::byte{0xfe}};

// `offset` bytes of magic, then the length. The length counts `counted` bytes in addition to the payload and the
// checksum.
template <std::size_t width, bool big, std::size_t offset = 0, std::size_t counted = 0, class Sum = no_sum>
struct prefix {
    using length = number<width, big>;
    using sum = number<Sum::width, true>;
    static constexpr std::size_t header = offset + width;
    static constexpr std::size_t overhead = header + Sum::width;

    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        while (between(at, end) >= header) {
            if (offset != 0 && std::memcmp(at, magic.data(), offset) != 0) return nullptr;
            const std::uint64_t body = length::read(at + offset) - counted;
            if (body < Sum::width || body - Sum::width > limit) return nullptr;
            if (body > between(at, end) - header) break;
            const std::byte* const payload = at + header;
            const std::size_t size = body - Sum::width;
            if (Sum::width != 0 && Sum::of(payload, size) != sum::read(payload + size)) return nullptr;
            to.take(payload, size);
            at = payload + body;
        }
        return at;
    }
    static std::byte* put(std::byte* at, bytes_view message) {
        at = copy(at, magic.data(), offset);
        at = length::write(at, message.size() + Sum::width + counted);
        std::byte* const behind = copy(at, message.data(), message.size());
        return sum::write(behind, Sum::of(at, message.size()));
    }
};

struct varint {
    static constexpr std::size_t overhead = 10;
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        while (at != end) {
            std::uint64_t size = 0;
            const std::byte* digit = at;
            for (unsigned shift = 0;; shift += 7) {
                if (digit == end) return at;
                if (shift == 63) return nullptr;
                size |= (std::to_integer<std::uint64_t>(*digit) & 0x7f) << shift;
                if ((*digit++ & std::byte{0x80}) != std::byte{0}) continue;
                if (shift != 0 && digit[-1] == std::byte{0}) return nullptr;
                break;
            }
            if (size > limit) return nullptr;
            if (size > between(digit, end)) break;
            to.take(digit, size);
            at = digit + size;
        }
        return at;
    }
    static std::byte* put(std::byte* at, bytes_view message) {
        std::uint64_t size = message.size();
        for (; size >= 0x80; size >>= 7) *at++ = static_cast<std::byte>(size | 0x80);
        *at++ = static_cast<std::byte>(size);
        return copy(at, message.data(), message.size());
    }
};

struct netstring {
    static constexpr std::size_t overhead = 20;
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        while (at != end) {
            std::uint64_t size = 0;
            const std::byte* digit = at;
            for (; digit != end && *digit >= std::byte{'0'} && *digit <= std::byte{'9'} && digit - at < 18; ++digit)
                size = size * 10 + std::to_integer<std::uint64_t>(*digit) - '0';
            if (digit == end) break;
            if (*digit != std::byte{':'} || digit == at || (*at == std::byte{'0'} && digit - at > 1)) return nullptr;
            if (size > limit) return nullptr;
            if (size + 2 > between(digit, end)) break;
            if (digit[size + 1] != std::byte{','}) return nullptr;
            to.take(digit + 1, size);
            at = digit + size + 2;
        }
        return at;
    }
    static std::byte* put(std::byte* at, bytes_view message) {
        char digits[20];
        char* first = digits + sizeof digits;
        std::uint64_t size = message.size();
        do *--first = static_cast<char>('0' + size % 10);
        while ((size /= 10) != 0);
        at = copy(at, reinterpret_cast<const std::byte*>(first),
                  static_cast<std::size_t>(digits + sizeof digits - first));
        *at++ = std::byte{':'};
        at = copy(at, message.data(), message.size());
        *at++ = std::byte{','};
        return at;
    }
};

template <std::size_t size>
struct fixed {
    static constexpr std::size_t overhead = 0;
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        for (; between(at, end) >= size; at += size) to.take(at, size);
        return at;
    }
    static std::byte* put(std::byte* at, bytes_view message) {
        return message.size() == size ? copy(at, message.data(), size) : nullptr;
    }
};

// ---- framings with an end mark ----

bool has(bytes_view message, char mark) { return std::memchr(message.data(), mark, message.size()) != nullptr; }

// A line feed ends a message. A carriage return before it stays in the message, is stripped, or is required.
enum class cr : std::uint8_t { keep, strip, demand };

template <cr rule>
struct line {
    static constexpr std::size_t overhead = 2;
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        while (at != end) {
            const void* const found = std::memchr(at, '\n', between(at, end));
            if (found == nullptr) break;
            const auto* const lf = static_cast<const std::byte*>(found);
            std::size_t size = between(at, lf);
            const bool has_cr = rule != cr::keep && size != 0 && lf[-1] == std::byte{'\r'};
            if (rule == cr::demand && !has_cr) return nullptr;
            size -= has_cr ? 1 : 0;
            if (size > limit) return nullptr;
            to.take(at, size);
            at = lf + 1;
        }
        return at;
    }
    static std::byte* put(std::byte* at, bytes_view message) {
        if (has(message, '\n') || (rule != cr::keep && message.span().back() == std::byte{'\r'})) return nullptr;
        at = copy(at, message.data(), message.size());
        if (rule != cr::keep) *at++ = std::byte{'\r'};
        *at++ = std::byte{'\n'};
        return at;
    }
};

struct blank_line {
    static constexpr std::size_t overhead = 4;
    static constexpr std::string_view mark = "\r\n\r\n";
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        while (const void* const found = ::memmem(at, between(at, end), mark.data(), mark.size())) {
            const std::size_t size = between(at, static_cast<const std::byte*>(found));
            if (size > limit) return nullptr;
            to.take(at, size);
            at += size + mark.size();
        }
        return at;
    }
    static std::byte* put(std::byte* at, bytes_view message) {
        if (::memmem(message.data(), message.size(), mark.data(), mark.size()) != nullptr) return nullptr;
        at = copy(at, message.data(), message.size());
        return copy(at, bytes_view(mark).data(), mark.size());
    }
};

// 7e before and after each message; 7d 02 replaces 7e, and 7d 01 replaces 7d. Both 7e and 7d are printable characters.
struct stuffed {
    static constexpr std::size_t overhead = 2 + 256;
    template <class Consumer>
    static const std::byte* split(const std::byte* at, const std::byte* end, Consumer& to) {
        static std::array<std::byte, 4096> plain;
        while (at != end) {
            if (*at != std::byte{0x7e}) return nullptr;
            const void* const found = std::memchr(at + 1, 0x7e, between(at + 1, end));
            if (found == nullptr) break;
            const auto* const mark = static_cast<const std::byte*>(found);
            std::size_t size = 0;
            for (const std::byte* from = at + 1; from != mark; ++from) {
                if (size == plain.size()) return nullptr;
                std::byte one = *from;
                if (one == std::byte{0x7d}) {
                    if (++from == mark || (*from != std::byte{1} && *from != std::byte{2})) return nullptr;
                    one = *from == std::byte{1} ? std::byte{0x7d} : std::byte{0x7e};
                }
                plain[size++] = one;
            }
            to.take(plain.data(), size);
            at = mark + 1;
        }
        return at;
    }
    static std::byte* put(std::byte* at, bytes_view message) {
        *at++ = std::byte{0x7e};
        for (const std::byte one : message) {
            const bool pair = one == std::byte{0x7d} || one == std::byte{0x7e};
            *at++ = pair ? std::byte{0x7d} : one;
            if (pair) *at++ = one == std::byte{0x7d} ? std::byte{1} : std::byte{2};
        }
        *at++ = std::byte{0x7e};
        return at;
    }
};

// ---- the table ----

template <class Bare>
void put_frame(bytes_view message, bytes& wire) {
    bytes frame(message.size() + Bare::overhead);
    const std::byte* const end = Bare::put(frame.data(), message);
    WEIR_CHECK(end != nullptr, "the message cannot be carried");
    wire.append({frame.data(), between(frame.data(), end)});
}

template <class Bare>
void compare_both(const std::string& text) {
    const framing described = *framing::parse(text);
    const stream sent = make_stream(put_frame<Bare>, {64, 64}, total);
    compare_whole<Bare>("split " + text, described, sent);
    compare_encoding<Bare>("encode " + text, described, sent);
}

}  // namespace

int main(int count, char** arguments) {
    if (count > 1) wanted_name = arguments[1];
    pin();
    print_heading("bare", "weir");
    compare_both<line<cr::keep>>("delimited:0a");
    compare_both<line<cr::strip>>("delimited:\"\\r\\n\"/\"\\n\"");
    compare_both<blank_line>("delimited:\"\\r\\n\\r\\n\"");
    compare_both<stuffed>("delimited:7e,start=7e,escape=7d01:7d/7d02:7e");
    compare_both<line<cr::demand>>("lines:crlf");
    compare_both<fixed<64>>("fixed:64");
    compare_both<fixed<64>>("record:!I60s");
    compare_both<varint>("varint");
    compare_both<netstring>("netstring");
    compare_both<prefix<1, true>>("len8");
    compare_both<prefix<2, true>>("len16");
    compare_both<prefix<3, true>>("len24");
    compare_both<prefix<4, true>>("len32");
    compare_both<prefix<8, true>>("len64");
    compare_both<prefix<2, false>>("len16le");
    compare_both<prefix<3, false>>("len24le");
    compare_both<prefix<4, false>>("len32le");
    compare_both<prefix<8, false>>("len64le");
    compare_both<prefix<4, true, 0, 4>>("len32,counts=field");
    compare_both<prefix<2, true, 2, 4>>("len16,counts=whole,magic=cafe");
    compare_both<prefix<4, true, 0, 0, xor8>>("len32,check=xor8");
    compare_both<prefix<4, true, 0, 0, crc<0xedb88320>>>("len32,check=crc32");
    compare_both<prefix<4, true, 0, 0, crc<0x82f63b78>>>("len32,check=crc32c");
    return everything_good ? 0 : 1;
}
