// fixed, record, chunks, idle: what ends a message is not in the bytes.
//
//     fixed:4        68 65 6c 6c | 6f 2c 20 77 | ...     every message has 4 bytes
//     record:!HH     00 01 00 02 | 00 03 00 04 | ...     every message is one struct, here of 4 bytes (record.h packs it)
//     chunks         whatever one read gave               no messages at all, and named so that nobody takes them for any
//     idle:20ms      68 65 ... (20 ms of silence)         a gap ends a message: the owner of the clock calls decoder::gap()
//
// A fixed message that has another size is refused by the encoder; a stream that ends inside one is truncated. Where they are used: radio
// and sensor records, memory-mapped protocols; idle: serial gateways, Modbus RTU (idle:1750us,check=crc16-modbus above 19200 baud,
// Modbus over serial line V1.02, 2.5.1.1).
//
// idle is unsafe over TCP: the network makes gaps of its own and closes gaps that were there. chunks and idle are the two framings whose
// messages depend on how the bytes were cut; the law of segmentation is not theirs.
#pragma once

#include "weir/framing/format.h"

namespace [[gnu::visibility("default")]] weir {

class fixed_format final : public format {
public:
    // `size` bytes a message, for fixed and record.
    fixed_format(std::uint64_t size, std::size_t check_bytes) noexcept : size_(size), check_bytes_(check_bytes) {}

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    void put_header(std::uint64_t, buffer&) const override {}
    std::string refuse(bytes_view body) const override;

private:
    std::uint64_t size_;
    std::size_t check_bytes_;
};

class chunks_format final : public format {
public:
    explicit chunks_format(std::uint64_t limit) noexcept : limit_(limit) {}

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    bool searches() const noexcept override { return true; }
    void put_header(std::uint64_t, buffer&) const override {}
    std::string refuse(bytes_view body) const override;

private:
    std::uint64_t limit_;
};

class idle_format final : public format {
public:
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    bool searches() const noexcept override { return true; }
    verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const override;
    void put_header(std::uint64_t, buffer&) const override {}
    std::string refuse(bytes_view body) const override;
};

}  // namespace weir
