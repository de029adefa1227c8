// fixed, record, chunks, idle: the bytes do not show where a message ends.
//
//     fixed:4        68 65 6c 6c | 6f 2c 20 77 | ...     every message has 4 bytes
//     record:!HH     00 01 00 02 | 00 03 00 04 | ...     every message is one struct of 4 bytes (record.h packs it)
//     chunks         whatever one read returned          there are no message boundaries
//     idle:20ms      68 65 ... (20 ms of silence)        a gap ends a message: decoder::gap() reports it
//
// The encoder refuses a fixed message of another size; a stream that ends inside a message is truncated. Used by radio
// and sensor records and memory-mapped protocols. idle is used by serial gateways and Modbus RTU
// (idle:1750us,check=crc16-modbus above 19200 baud, Modbus over serial line V1.02, 2.5.1.1).
//
// idle is unsafe over TCP: the network creates gaps of its own and closes gaps that existed. The messages of chunks
// depend on the cuts, and those of idle on the gaps. The law of segmentation therefore holds for these two framings
// only in part.
#pragma once

#include "weir/framing/format.h"

namespace weir::internal {

class fixed_format final : public format {
public:
    // For fixed and record, with messages of `size` bytes.
    fixed_format(std::uint64_t size, std::size_t check_bytes) noexcept
        : format(fast_path(fast_path::kind::fixed)), size_(size), check_bytes_(check_bytes) {}

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
    idle_format() noexcept : format(fast_path(fast_path::kind::general)) {}

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    bool searches() const noexcept override { return true; }
    verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const override;
    void put_header(std::uint64_t, buffer&) const override {}
    std::string refuse(bytes_view body) const override;
};

}  // namespace weir::internal
