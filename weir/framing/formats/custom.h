// Wraps a user's format and checks each result against the rules of format.h before the decoder uses it. A format that
// breaks a rule fails a WEIR_CHECK, so it can cause neither an endless loop nor an access outside the frame. Two
// results are corrected instead. A header that does not end within most_header_bytes is reported as broken there. Bytes
// of the body that are followed by most_header_bytes or more bytes count as settled, because an end mark cannot begin
// that far back. weir's own formats are not wrapped, because their tests check the rules. The decoder checks the one
// rule that needs state: bytes that were settled stay settled.
#pragma once

#include <memory>

#include "weir/framing/format.h"

namespace weir::internal {

class custom_format final : public format {
public:
    explicit custom_format(std::shared_ptr<const format> own);

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    void put_trailer(bytes_view header, bytes_view body, buffer& out) const override;
    std::string refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const override;
    std::string refuse(bytes_view body) const override;
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    std::uint64_t announced(bytes_view header) const override;
    std::string remark(bytes_view header) const override;
    std::uint64_t place_of_size() const noexcept override;
    bool reads_all() const noexcept override;
    bool searches() const noexcept override { return searches_; }
    std::size_t searched_header() const noexcept override { return header_; }
    verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const override;
    bool stuffs() const noexcept override { return stuffs_; }
    void unstuff(bytes_view body, buffer& plain) const override;
    void stuff(buffer& out, std::size_t begin) const override;
    std::size_t whole_part(bytes_view body, std::size_t size) const override;

private:
    verdict watched(const verdict& said, const frame_bytes& frame) const;
    verdict watched_frame(const verdict& said, const frame_bytes& frame) const;

    std::shared_ptr<const format> own_;
    bool searches_;
    bool stuffs_;
    std::size_t header_;  // searched_header() of a format that searches
};

}  // namespace weir::internal
