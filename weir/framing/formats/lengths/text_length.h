// Lengths that are written as text.
//
//     hex4,counts=whole       30 30 30 39 | 68 65 6c 6c 6f      "0009hello": a pkt-line of git
//     dec5                    30 30 30 30 35 | 68 65 6c 6c 6f   "00005hello"
//     digits:" "              35 20 | 68 65 6c 6c 6f            "5 hello": syslog over TCP (RFC 6587, 3.4.1)
//
// decN and hexN have N digits; shorter numbers have zeros in front. The decoder accepts hexadecimal digits of either
// case, and the encoder writes small letters. `digits` has up to 18 decimal digits and the end mark of its argument;
// zeros in front are malformed unless overlong=allow. announced.h describes the other options.
#pragma once

#include "weir/framing/formats/lengths/announced.h"

namespace weir::internal {

// decN and hexN.
class text_length_format final : public announced_format {
public:
    explicit text_length_format(const description& fields);

    bool reads_all() const noexcept override { return base_ == 10; }

private:
    number_read read(bytes_view field) const noexcept override;
    std::size_t width_of(std::uint64_t) const noexcept override { return width_; }
    void write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept override;
    std::string explain_number(bytes_view field, std::size_t place) const override;

    unsigned base_;
    std::size_t width_;
};

// digits:MARK.
class digits_format final : public announced_format {
public:
    explicit digits_format(const description& fields);

private:
    number_read read(bytes_view field) const noexcept override;
    std::size_t width_of(std::uint64_t number) const noexcept override;
    void write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept override;
    std::string explain_number(bytes_view field, std::size_t place) const override;

    bytes mark_;
};

}  // namespace weir::internal
