#include "weir/framing/formats/checksum.h"

#include <array>
#include <bit>
#include <functional>
#include <numeric>

#include "weir/framing/internal/checksum_traits.h"

namespace weir {
namespace {

// The sums after bytes 0 to 7 of a word: table[7] is of its first byte.
using crc_tables = std::array<std::array<std::uint32_t, 256>, 8>;

// The tables of a reflected CRC that processes eight bytes a step. The bits of `polynomial` are reflected.
constexpr crc_tables make_tables(std::uint32_t polynomial) {
    crc_tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t state = byte;
        for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? polynomial : 0);
        tables[0][byte] = state;
    }
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        for (std::size_t zeros = 1; zeros < tables.size(); ++zeros) {
            const std::uint32_t state = tables[zeros - 1][byte];
            tables[zeros][byte] = (state >> 8) ^ tables[0][state & 0xff];
        }
    }
    return tables;
}

// The table of a CRC of 16 bits that is not reflected.
constexpr std::array<std::uint16_t, 256> make_forward_table(std::uint32_t polynomial) {
    std::array<std::uint16_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t state = byte << 8;
        for (int bit = 0; bit < 8; ++bit) state = (state << 1) ^ ((state & 0x8000) != 0 ? polynomial : 0);
        table[byte] = static_cast<std::uint16_t>(state);
    }
    return table;
}

constexpr crc_tables arc_tables = make_tables(0xa001);
constexpr crc_tables ccitt_tables = make_tables(0x8408);
constexpr crc_tables crc32_tables = make_tables(0xedb88320);
constexpr crc_tables crc32c_tables = make_tables(0x82f63b78);
constexpr std::array<std::uint16_t, 256> ccitt_forward = make_forward_table(0x1021);

std::uint32_t word_at(const std::byte* place) noexcept {
    std::uint32_t word;
    std::memcpy(&word, place, sizeof word);
    return std::endian::native == std::endian::big ? __builtin_bswap32(word) : word;
}

std::uint32_t run(const crc_tables& tables, std::uint32_t state, bytes_view content) noexcept {
    const std::byte* at = content.begin();
    for (; content.end() - at >= 8; at += 8) {
        const std::uint32_t low = word_at(at) ^ state;
        const std::uint32_t high = word_at(at + 4);
        state = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
                tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
                tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
    }
    for (; at != content.end(); ++at)
        state = (state >> 8) ^ tables[0][(state ^ std::to_integer<std::uint32_t>(*at)) & 0xff];
    return state;
}

std::uint32_t run_forward(std::uint32_t state, bytes_view content) noexcept {
    for (const auto byte : content)
        state = (state << 8 & 0xffff) ^ ccitt_forward[(state >> 8 ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
    return state;
}

std::uint32_t sum(std::uint32_t state, bytes_view content) noexcept {
    for (const auto byte : content) state += std::to_integer<std::uint32_t>(byte);
    return state;
}

// The state has the sum of sums in its lower 8 bits, and the sum above them.
std::uint32_t run_fletcher(std::uint32_t state, bytes_view content) noexcept {
    std::uint32_t sums = state & 0xff;
    std::uint32_t total = state >> 8;
    for (const auto byte : content) {
        total = (total + std::to_integer<std::uint32_t>(byte)) & 0xff;
        sums = (sums + total) & 0xff;
    }
    return total << 8 | sums;
}

std::uint32_t start_of(checksum_kind kind) noexcept {
    switch (kind) {
        case checksum_kind::crc16_ccitt_false:
        case checksum_kind::crc16_modbus:
        case checksum_kind::crc16_x25: return 0xffff;
        case checksum_kind::crc32:
        case checksum_kind::crc32c: return 0xffffffff;
        default: return 0;
    }
}

}  // namespace

std::string_view to_string(checksum_kind kind) noexcept { return internal::checksum_traits_of(kind).name; }

running_checksum::running_checksum(checksum_kind kind) noexcept : kind_(kind), state_(start_of(kind)) {}

void running_checksum::update(bytes_view more) noexcept {
    switch (kind_) {
        case checksum_kind::none: return;
        case checksum_kind::xor8:
            state_ = std::to_integer<std::uint32_t>(
                std::accumulate(more.begin(), more.end(), static_cast<std::byte>(state_), std::bit_xor<>()));
            return;
        case checksum_kind::sum8:
        case checksum_kind::lrc8: state_ = sum(state_, more) & 0xff; return;
        case checksum_kind::sum16: state_ = sum(state_, more) & 0xffff; return;
        case checksum_kind::fletcher8: state_ = run_fletcher(state_, more); return;
        case checksum_kind::crc16_arc:
        case checksum_kind::crc16_modbus: state_ = run(arc_tables, state_, more); return;
        case checksum_kind::crc16_kermit:
        case checksum_kind::crc16_x25: state_ = run(ccitt_tables, state_, more); return;
        case checksum_kind::crc16_ccitt_false:
        case checksum_kind::crc16_xmodem: state_ = run_forward(state_, more); return;
        case checksum_kind::crc32: state_ = run(crc32_tables, state_, more); return;
        case checksum_kind::crc32c: state_ = run(crc32c_tables, state_, more); return;
    }
}

std::uint32_t running_checksum::value() const noexcept {
    switch (kind_) {
        case checksum_kind::lrc8: return (0x100 - state_) & 0xff;
        case checksum_kind::crc16_x25: return state_ ^ 0xffff;
        case checksum_kind::crc32:
        case checksum_kind::crc32c: return state_ ^ 0xffffffff;
        default: return state_;
    }
}

void put_checksum(std::uint32_t value, std::size_t size, byte_order order, buffer& out) {
    std::byte* const place = out.prepare(size).data();
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t shift = 8 * (order == byte_order::little ? i : size - 1 - i);
        place[i] = static_cast<std::byte>(value >> shift);
    }
    out.commit(size);
}

std::uint32_t read_checksum(bytes_view wire, byte_order order) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < wire.size(); ++i) {
        const std::size_t from = order == byte_order::little ? wire.size() - 1 - i : i;
        value = (value << 8) | std::to_integer<std::uint32_t>(wire.data()[from]);
    }
    return value;
}

}  // namespace weir
