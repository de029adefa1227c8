#include "weir/framing/record/record.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "weir/base/text.h"
#include "weir/framing/record/internal/record_number.h"
#include "weir/framing/record/internal/record_plan.h"

namespace weir {
namespace {

std::string say(double number) {
    std::array<char, 32> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    return {digits.data(), written.ptr};
}

std::string say(const record_value& value) {
    struct {
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(std::uint64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return say(number); }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(bytes_view content) const { return quote(content, 32); }
    } const words;
    return std::visit(words, value);
}

std::string wrong_type(const char* wanted, const record_value& value) {
    return std::string("expected ") + wanted + ", but " + say(value) + " was given";
}

bool is_signed(char code) noexcept { return std::string_view("bhilq").find(code) != std::string_view::npos; }

// Each of these functions writes one value to `at`, where the bytes are zero. Returns a sentence when the value does
// not fit, and an empty string otherwise.

std::string put_integer(const record_field& field, byte_order order, const record_value& value, std::byte* at) {
    std::uint64_t bits = 0;
    bool negative = false;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        bits = static_cast<std::uint64_t>(*number);
        negative = *number < 0;
    } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
        bits = *natural;
    } else if (const auto* truth = std::get_if<bool>(&value)) {
        bits = *truth ? 1 : 0;
    } else {
        return wrong_type("an integer", value);
    }
    const bool with_sign = is_signed(field.code);
    const std::uint64_t most = (with_sign ? std::uint64_t{INT64_MAX} : UINT64_MAX) >> (64 - 8 * field.size);
    if (negative ? !with_sign || bits < ~most : bits > most) {
        return say(value) + " is out of range, which is " + (with_sign ? "-" + std::to_string(most + 1) : "0") +
               " to " + std::to_string(most);
    }
    switch (field.size) {
        case 1: internal::put_number(at, static_cast<std::uint8_t>(bits), order); break;
        case 2: internal::put_number(at, static_cast<std::uint16_t>(bits), order); break;
        case 4: internal::put_number(at, static_cast<std::uint32_t>(bits), order); break;
        default: internal::put_number(at, bits, order); break;
    }
    return {};
}

std::string put_float(const record_field& field, byte_order order, const record_value& value, std::byte* at) {
    double number = 0;
    if (const auto* exact = std::get_if<double>(&value)) {
        number = *exact;
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        number = static_cast<double>(*integer);
    } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
        number = static_cast<double>(*natural);
    } else if (const auto* truth = std::get_if<bool>(&value)) {
        number = *truth ? 1 : 0;
    } else {
        return wrong_type("a number", value);
    }
    constexpr double beyond_float = 0x1.ffffffp127;  // from here on, a double becomes an infinite float
    if (field.code == 'd') {
        internal::put_number(at, std::bit_cast<std::uint64_t>(number), order);
    } else if (field.code == 'e') {
        const auto half = internal::half_of(number);
        if (!half) return say(value) + " is out of range, which for a half float is -65504 to 65504";
        internal::put_number(at, *half, order);
    } else {
        if (std::isfinite(number) && std::fabs(number) >= beyond_float) {
            return say(value) + " is out of range, which for a float is -3.4028235e+38 to 3.4028235e+38";
        }
        internal::put_number(at, std::bit_cast<std::uint32_t>(static_cast<float>(number)), order);
    }
    return {};
}

// As in Python, any value has a truth value.
bool truth_of(const record_value& value) {
    struct {
        bool operator()(std::int64_t number) const { return number != 0; }
        bool operator()(std::uint64_t number) const { return number != 0; }
        bool operator()(double number) const { return number != 0; }
        bool operator()(bool truth) const { return truth; }
        bool operator()(bytes_view content) const { return !content.empty(); }
    } const truth;
    return std::visit(truth, value);
}

std::string put_bytes(const record_field& field, const record_value& value, std::byte* at) {
    const auto* content = std::get_if<bytes_view>(&value);
    if (content == nullptr) return wrong_type("bytes", value);
    if (field.code == 'c' && content->size() != 1) return wrong_type("one byte", value);
    const std::size_t length_bytes = field.code == 'p' ? 1 : 0;
    const std::size_t kept = std::min(content->size(), field.size - length_bytes);
    if (kept != 0) std::memcpy(at + length_bytes, content->data(), kept);
    if (field.code == 'p') *at = static_cast<std::byte>(std::min<std::size_t>(kept, 255));
    return {};
}

std::string put(const record_field& field, byte_order order, const record_value& value, std::byte* at) {
    switch (field.code) {
        case 'e':
        case 'f':
        case 'd': return put_float(field, order, value, at);
        case 'c':
        case 's':
        case 'p': return put_bytes(field, value, at);
        case '?': *at = truth_of(value) ? std::byte{1} : std::byte{}; return {};
        default: return put_integer(field, order, value, at);
    }
}

record_value take_integer(const record_field& field, byte_order order, const std::byte* at) {
    std::uint64_t bits = 0;
    switch (field.size) {
        case 1: bits = internal::take_number<std::uint8_t>(at, order); break;
        case 2: bits = internal::take_number<std::uint16_t>(at, order); break;
        case 4: bits = internal::take_number<std::uint32_t>(at, order); break;
        default: bits = internal::take_number<std::uint64_t>(at, order); break;
    }
    if (!is_signed(field.code)) return bits;
    const auto unused = static_cast<unsigned>(64 - 8 * field.size);
    return static_cast<std::int64_t>(bits << unused) >> unused;
}

record_value take(const record_field& field, byte_order order, const std::byte* at) {
    switch (field.code) {
        case 'e': return internal::from_half(internal::take_number<std::uint16_t>(at, order));
        case 'f': return std::bit_cast<float>(internal::take_number<std::uint32_t>(at, order));
        case 'd': return std::bit_cast<double>(internal::take_number<std::uint64_t>(at, order));
        case '?': return *at != std::byte{};
        case 'c':
        case 's': return bytes_view(at, field.size);
        case 'p': return bytes_view(at + 1, std::min(std::to_integer<std::size_t>(*at), field.size - 1));
        default: return take_integer(field, order, at);
    }
}

std::string place_of(const record_field& field, std::size_t offset) {
    const bool string = field.code == 's' || field.code == 'p';
    return (string ? std::to_string(field.size) : "") + field.code + " at byte " + std::to_string(offset);
}

}  // namespace

result<record_layout> record_layout::parse(std::string_view format) {
    record_layout made;
    internal::record_reader read(format);
    while (read.next()) {
        made.fields_.push_back(read.field());
        made.values_ += read.field().values();
    }
    if (read.flaw()) return error(errc::malformed, "record", {}, read.flaw().sentence(format));
    made.format_ = format;
    made.size_ = read.size();
    made.order_ = read.order();
    return made;
}

result<void> record_layout::pack(std::span<const record_value> values, buffer& out) const {
    const auto refuse = [&](std::string why) { return error(errc::unencodable, "pack", format_, std::move(why)); };
    if (values.size() != values_) {
        return refuse("expected " + std::to_string(values_) + (values_ == 1 ? " value" : " values") + ", but " +
                      std::to_string(values.size()) + (values.size() == 1 ? " was given" : " were given"));
    }
    std::byte* const begin = out.prepare(size_).data();
    if (size_ != 0) std::memset(begin, 0, size_);
    std::size_t next = 0;
    for (const auto& field : fields_) {
        for (std::size_t i = 0; i < field.values(); ++i, ++next) {
            const std::size_t offset = field.offset + i * field.size;
            if (const std::string why = put(field, order_, values[next], begin + offset); !why.empty()) {
                return refuse("value " + std::to_string(next + 1) + " (" + place_of(field, offset) + "): " + why);
            }
        }
    }
    out.commit(size_);
    return {};
}

result<std::vector<record_value>> record_layout::unpack(bytes_view content) const {
    if (content.size() != size_) {
        return internal::record_wrong_size(format_, content.size(), size_);
    }
    std::vector<record_value> values;
    values.reserve(values_);
    for (const auto& field : fields_) {
        for (std::size_t i = 0; i < field.values(); ++i) {
            values.push_back(take(field, order_, content.data() + field.offset + i * field.size));
        }
    }
    return values;
}

}  // namespace weir
