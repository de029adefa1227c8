#include "weir/framing/formats/checksum.h"

#include <array>
#include <functional>
#include <numeric>

namespace weir {
namespace {

using crc_table = std::array<std::uint32_t, 256>;

// The table of a reflected CRC that processes one byte a step. The bits of `polynomial` are reflected.
constexpr crc_table make_table(std::uint32_t polynomial) {
    crc_table table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t state = byte;
        for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? polynomial : 0);
        table[byte] = state;
    }
    return table;
}

constexpr crc_table modbus_table = make_table(0xa001);
constexpr crc_table x25_table = make_table(0x8408);
constexpr crc_table crc32_table = make_table(0xedb88320);
constexpr crc_table crc32c_table = make_table(0x82f63b78);

std::uint32_t run(const crc_table& table, std::uint32_t state, bytes_view content) noexcept {
    for (const auto byte : content) state = (state >> 8) ^ table[(state ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
    return state;
}

std::uint32_t start_of(checksum_kind kind) noexcept {
    switch (kind) {
        case checksum_kind::crc16_modbus:
        case checksum_kind::crc16_x25: return 0xffff;
        case checksum_kind::crc32:
        case checksum_kind::crc32c: return 0xffffffff;
        default: return 0;
    }
}

}  // namespace

running_checksum::running_checksum(checksum_kind kind) noexcept : kind_(kind), state_(start_of(kind)) {}

void running_checksum::update(bytes_view more) noexcept {
    switch (kind_) {
        case checksum_kind::none: return;
        case checksum_kind::xor8:
            state_ = std::to_integer<std::uint32_t>(
                std::accumulate(more.begin(), more.end(), static_cast<std::byte>(state_), std::bit_xor<>()));
            return;
        case checksum_kind::sum8:
            state_ = std::accumulate(more.begin(), more.end(), static_cast<std::uint8_t>(state_),
                                     [](std::uint8_t sum, std::byte byte) {
                                         return static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(byte));
                                     });
            return;
        case checksum_kind::crc16_modbus: state_ = run(modbus_table, state_, more); return;
        case checksum_kind::crc16_x25: state_ = run(x25_table, state_, more); return;
        case checksum_kind::crc32: state_ = run(crc32_table, state_, more); return;
        case checksum_kind::crc32c: state_ = run(crc32c_table, state_, more); return;
    }
}

std::uint32_t running_checksum::value() const noexcept {
    switch (kind_) {
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
