// header:NAME: lines of `name: value` before the message, and an empty line. The field NAME announces the size.
//
//     header:Content-Length    Content-Length: 5 CR LF CR LF | hello
//
// Each line ends with CR LF. Names are compared without case; spaces and tabs around a value are ignored. The field
// NAME must occur once, with 1 to 18 decimal digits and nothing else: signs, lists and a second field are malformed,
// and so are control characters except tabs. The decoder ignores other fields, and the encoder writes NAME alone,
// unless header=keep: then the message is header and payload together, and the encoder checks the header that the
// caller supplies.
//
// Limits: a header has at most most_header_bytes; max counts the message. Used by the Language Server Protocol and the
// Debug Adapter Protocol.
#pragma once

#include <string>

#include "weir/framing/format.h"

namespace weir::internal {

class header_format final : public format {
public:
    explicit header_format(const description& fields);

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    std::uint64_t announced(bytes_view header) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    bool reads_all() const noexcept override { return false; }

private:
    // The field in one line, without its line end. `place` is where the name ends, or the first wrong byte.
    struct field {
        enum class what : std::uint8_t { other, size, wrong_name, wrong_size, control } what;
        std::size_t place;
        std::uint64_t size;
    };
    field read_field(bytes_view line) const noexcept;

    std::string name_;
};

}  // namespace weir::internal
