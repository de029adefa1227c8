// Records: each message is one struct of typed fields. Its bytes are those that Python's `struct` module packs with
// standard sizes. Records are the simplest remedy for glued messages and partial reads: every message has the same
// size, at which a framing such as `record:!I16sf` cuts the stream.
//
//     !I16sf      00 00 00 07 | 62 6f 69 6c 65 72 00 00 00 00 00 00 00 00 00 00 | 41 ac 00 00
//                 id: 7         name: "boiler", padded with zeros                  value: 21.5
//
//     order       ! or >  big-endian (network order)   <  little-endian   =  that of this machine, for local files
//     b h i l q   signed numbers of 1 2 4 4 8 bytes       B H I L Q  unsigned
//     e f d       floats of 2, 4 and 8 bytes              ?  a bool, one byte
//     c           one byte          16s  16 bytes         16p  a length byte and 15 bytes       x  padding, zero
//     3H          is HHH; blanks are allowed between fields (in a framing only spaces), and nothing is aligned
//
// Without an order, and with @, Python packs as the machine's C compiler does. That is not a wire format, so weir
// refuses it. weir also refuses n, N and P, which have no standard size; 0p, for which CPython writes outside its
// buffer; and records of more than 1 GiB.
//
// Used for sensors, telemetry, market data, game state, UDP headers, file headers, and wherever a C struct is sent.
// Write compiler padding of a struct as `x`. Text of variable length does not belong in a record (use len16 or lines).
//
// To pack a struct that is known at compile time, use weir::record in record_codec.h, which checks its types. Here the
// format is text that may be known only at run time.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/framing/description.h"
#include "weir/framing/record/record_field.h"

namespace [[gnu::visibility("default")]] weir {

// One value of a record: a number, a bool, or a view of the caller's bytes or text. std::get, std::get_if and
// std::visit read it. Thread safety: a value.
struct record_value : std::variant<std::int64_t, std::uint64_t, double, bool, bytes_view> {
    // Makes a value from an integer, a floating-point number, a bool, or from bytes or text, which the value borrows.
    template <std::signed_integral T>
        requires(!std::same_as<T, char>)
    record_value(T number) noexcept : variant(std::int64_t{number}) {}
    template <std::unsigned_integral T>
        requires(!std::same_as<T, char> && !std::same_as<T, bool>)
    record_value(T number) noexcept : variant(std::uint64_t{number}) {}
    template <std::floating_point T>
        requires(sizeof(T) <= sizeof(double))
    record_value(T number) noexcept : variant(double{number}) {}
    template <std::same_as<bool> T>
    record_value(T truth) noexcept : variant(truth) {}
    template <class Content>
        requires(std::convertible_to<const Content&, bytes_view> && !std::same_as<Content, record_value>)
    record_value(const Content& content) noexcept : variant(bytes_view(content)) {}
};

// A parsed format. Thread safety: a value.
//
//     const auto layout = weir::record_layout::parse("!I16sf");
//     weir::buffer out;
//     if (auto packed = layout->pack({7, "boiler", 21.5}, out); !packed) return packed.error().print();
//     const auto values = layout->unpack(out.view());  // 7u, "boiler\0\0\0\0\0\0\0\0\0\0", 21.5
class record_layout {
public:
    // Parses a format. The error is malformed; its detail names what is wrong and where.
    static result<record_layout> parse(std::string_view format);

    // Appends size() bytes to `out`; after an error nothing is appended. The error is unencodable; it names the value
    // that is out of range or of the wrong type, or the wrong number of values. As in Python, a text that is too long
    // is cut, and a short text is padded with zeros. Float fields accept integers, float and integer fields accept
    // bools, and ? accepts any value. Allocates only when `out` must grow.
    result<void> pack(std::span<const record_value> values, buffer& out) const;
    result<void> pack(std::initializer_list<record_value> values, buffer& out) const {
        return pack(std::span(values.begin(), values.size()), out);
    }

    // Returns the values of the format in order: int64_t for b h i l q, uint64_t for B H I L Q, double for e f d, bool
    // for ?, and bytes for c s p, which are views of `content`. The error is malformed: `content` has another size.
    result<std::vector<record_value>> unpack(bytes_view content) const;

    // The fields in order, padding included.
    const std::vector<record_field>& fields() const noexcept { return fields_; }
    // The size of a record in bytes.
    std::size_t size() const noexcept { return size_; }
    // The number of values that pack() takes and unpack() returns.
    std::size_t values() const noexcept { return values_; }
    // The byte order of numbers that have several bytes.
    byte_order order() const noexcept { return order_; }
    // The text of the format.
    const std::string& format() const noexcept { return format_; }

private:
    record_layout() = default;

    std::string format_;
    std::vector<record_field> fields_;
    std::size_t size_ = 0;
    std::size_t values_ = 0;
    byte_order order_ = byte_order::big;
};

}  // namespace weir
