#include "tool/explain/anatomy.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include <weir/base/text.h>
#include <weir/framing/format.h>
#include <weir/framing/formats/checksum.h>

#include "tool/explain/record_fields.h"

namespace weir_tool {
namespace {

using kind = weir::framing_kind;

std::string say_order(weir::byte_order order) {
    return order == weir::byte_order::big ? "big-endian" : "little-endian";
}

part length_part(const weir::description& fields) {
    if (fields.kind == kind::netstring)
        return {part_kind::length, "length", "decimal digits and a colon: the bytes of the payload"};
    const auto length = [&](const std::string& notation, std::optional<std::uint64_t> size = {}) {
        const std::string unit = fields.times == 1 ? "bytes" : fmt::format("{} bytes each", fields.times);
        return part{part_kind::length, "length", fmt::format("{}: the {} of {}", notation, unit, say_counted(fields)),
                    size};
    };
    switch (fields.kind) {
        case kind::varint: return length("LEB128, 1 to 10 bytes");
        case kind::ber: return length("BER, 1 to 9 bytes");
        case kind::digits: return length(fmt::format("decimal digits and {}", weir::quote(fields.length_end)));
        case kind::decimal: return length(fmt::format("{} decimal digits", fields.width), fields.width);
        case kind::hex: return length(fmt::format("{} hexadecimal digits", fields.width), fields.width);
        default: break;
    }
    const std::string order = fields.width == 1 ? "" : ", " + say_order(fields.order);
    const std::string flags = !fields.mask ? "" : fmt::format(", {} bits", std::popcount(*fields.mask));
    return length("unsigned" + order + flags, fields.width);
}

void add_header(const weir::description& fields, std::vector<part>& parts) {
    if (!fields.start.empty()) {
        const std::string_view rule = fields.has_optional_start() ? ", optional when received" : "";
        parts.push_back(
            {part_kind::start_mark, "start mark", weir::to_hex(fields.start) + std::string(rule), fields.start.size()});
    }
    if (!fields.magic.empty()) {
        parts.push_back({part_kind::magic, "magic", weir::to_hex(fields.magic), fields.magic.size()});
    }
    constexpr std::string_view ignored = "ignored when received, sent as zeros";
    if (fields.has_length() && fields.offset > fields.magic.size()) {
        const bool kept = fields.header == weir::header_rule::keep;
        parts.push_back({part_kind::unread, "any", std::string(kept ? "part of the message (header=keep)" : ignored),
                         fields.offset - fields.magic.size()});
    }
    if (fields.has_length() || fields.kind == kind::netstring) parts.push_back(length_part(fields));
    if (fields.kind == kind::header) {
        parts.push_back({part_kind::length, "header",
                         fmt::format("lines; {}: the bytes of the payload{}", fields.length_name,
                                     fields.checksum == weir::checksum_kind::none ? "" : " and the checksum")});
    }
    if (fields.after != 0) {
        const std::string_view rule = fields.header == weir::header_rule::keep    ? "part of the message (header=keep)"
                                      : fields.header == weir::header_rule::after ? "part of the message (header=after)"
                                                                                  : ignored;
        parts.push_back({part_kind::unread, "after", std::string(rule), fields.after});
    }
}

std::string say_marks(const weir::description& fields) {
    std::string all;
    for (const auto& mark : fields.marks) {
        const std::string text = weir::quote(mark);
        const std::string one = text.find("\\x") == std::string::npos ? text : weir::to_hex(mark);
        all += (all.empty() ? "" : &mark == &fields.marks.back() ? " or " : ", ") + one;
    }
    return all;
}

std::optional<std::uint64_t> mark_size(const weir::description& fields) {
    const std::size_t first = fields.marks.front().size();
    const bool alike = std::all_of(fields.marks.begin(), fields.marks.end(),
                                   [&](const weir::bytes& mark) { return mark.size() == first; });
    return alike ? std::optional<std::uint64_t>(first) : std::nullopt;
}

void add_trailer(const weir::description& fields, std::vector<part>& parts) {
    if (fields.checksum != weir::checksum_kind::none) {
        const std::string order = fields.check_bytes() == 1 ? "" : ", " + say_order(fields.check_byte_order());
        parts.push_back({part_kind::checksum, "checksum",
                         fmt::format("{}{}, over {}", to_string(fields.checksum), order, say_cover(fields)),
                         fields.escapes.empty() ? std::optional<std::uint64_t>(fields.check_bytes()) : std::nullopt});
    }
    switch (fields.kind) {
        case kind::lines:
            parts.push_back({part_kind::end_mark, "line end", fields.crlf ? "CR LF" : "LF, or CR LF",
                             fields.crlf ? std::optional<std::uint64_t>(2) : std::nullopt});
            break;
        case kind::delimited:
            parts.push_back({part_kind::end_mark, "end mark", say_marks(fields), mark_size(fields)});
            break;
        case kind::netstring: parts.push_back({part_kind::end_mark, "comma", "ends it", 1}); break;
        default:
            if (fields.trailer.empty()) break;
            parts.push_back({part_kind::end_mark, "trailer", weir::to_hex(fields.trailer), fields.trailer.size()});
            break;
    }
}

// Returns how many bytes of the body, on the wire, precede the checksum. Stuffing may have made the checksum longer.
std::size_t before_checksum(const weir::framing& described, weir::bytes_view body) {
    const std::size_t check = described.fields().check_bytes();
    const auto& machine = described.machine();
    if (!machine.stuffs() || check == 0) return body.size() - std::min(body.size(), check);
    for (std::size_t size = body.size(); size != 0; --size) {
        if (machine.whole_part(body, size) != size) continue;
        weir::buffer plain;
        machine.unstuff(body.from(size), plain);
        if (plain.size() >= check) return size;
    }
    return 0;
}

weir::buffer unstuffed(const weir::framing& described, weir::bytes_view body) {
    weir::buffer plain;
    described.machine().unstuff(body, plain);
    return plain;
}

std::uint64_t netstring_length(weir::bytes_view field) {
    std::uint64_t number = 0;
    for (const auto byte : field.first(field.size() - 1)) number = number * 10 + std::to_integer<unsigned>(byte) - '0';
    return number;
}

// Divides a frame into its parts: their sizes, and their bytes as far as they have arrived.
class dissection {
public:
    dissection(const weir::framing& described, weir::bytes_view frame) : described_(described), frame_(frame) {}

    std::vector<found_part> partial() {
        for (const auto& one : frame_parts()) {
            if (section_of(one.kind) == "payload" || !one.size) break;
            put(one, *one.size);
            if (parts_.back().content.size() < parts_.back().size) return std::move(parts_);
        }
        const std::uint64_t rest = frame_.size() - at_;
        if (rest != 0) put({part_kind::payload, "payload", "as far as it arrived"}, rest);
        return std::move(parts_);
    }

    std::vector<found_part> whole(const weir::verdict& extent) {
        const auto body_begin = static_cast<std::size_t>(std::min<std::uint64_t>(extent.header, frame_.size()));
        const std::uint64_t body_came = std::min<std::uint64_t>(extent.body, frame_.size() - body_begin);
        const weir::bytes_view body = frame_.part(body_begin, static_cast<std::size_t>(body_came));
        const std::uint64_t payload = described_.machine().stuffs()
                                          ? before_checksum(described_, body)
                                          : extent.body - std::min<std::uint64_t>(extent.body, fields().check_bytes());
        for (const auto& one : frame_parts()) {
            switch (one.kind) {
                case part_kind::length: put(one, extent.header - fields().after - at_); break;
                case part_kind::payload: put(one, payload); break;
                case part_kind::checksum: put(one, extent.body - payload); break;
                case part_kind::end_mark: put(one, extent.trailer); break;
                default: put(one, one.size.value_or(0)); break;
            }
        }
        return std::move(parts_);
    }

private:
    const weir::description& fields() const { return described_.fields(); }

    // The parts of a frame. An optional start mark is no part of it: it is the end of an empty one before it.
    std::vector<part> frame_parts() const {
        auto parts = parts_of(described_);
        if (fields().has_optional_start())
            std::erase_if(parts, [](const part& one) { return one.kind == part_kind::start_mark; });
        return parts;
    }

    void put(const part& general, std::uint64_t size) {
        found_part found;
        found.kind = general.kind;
        found.name = general.name;
        found.offset = at_;
        found.size = size;
        const std::uint64_t begin = std::min<std::uint64_t>(at_, frame_.size());
        const std::uint64_t came = std::min<std::uint64_t>(size, frame_.size() - begin);
        found.content = frame_.part(static_cast<std::size_t>(begin), static_cast<std::size_t>(came));
        found.meaning = came == size ? say(general, found) : fmt::format("{} of {} bytes arrived", came, size);
        if (section_of(general.kind) == "header") header_end_ = at_ + size;
        if (section_of(general.kind) == "payload") payload_end_ = at_ + size;
        at_ += size;
        parts_.push_back(std::move(found));
    }

    std::string say(const part& general, found_part& found) const {
        switch (general.kind) {
            case part_kind::length: return say_length(found);
            case part_kind::payload: return say_payload(found.content);
            case part_kind::field: return field_value(general.code, fields().fields, found.content);
            case part_kind::checksum: return say_checksum(found);
            case part_kind::end_mark: return weir::quote(found.content);
            default: return general.meaning;
        }
    }

    std::string say_length(const found_part& found) const {
        const std::uint64_t bytes = fields().kind == kind::netstring
                                        ? netstring_length(found.content)
                                        : described_.machine().announced(frame_.first(found.offset + found.size));
        if (fields().times == 1) return fmt::format("{}: the bytes of {}", bytes, say_counted(fields()));
        return fmt::format("{} times {} bytes: {}", bytes / fields().times, fields().times, say_counted(fields()));
    }

    std::string say_payload(weir::bytes_view wire) const {
        std::string size = weir::say_size(wire.size());
        if (!described_.machine().stuffs()) return size;
        const std::size_t plain = unstuffed(described_, wire).size();
        if (plain == wire.size()) return size;
        return fmt::format("{}, {} of them stuffed: a message of {}", size, wire.size() - plain, weir::say_size(plain));
    }

    std::string say_checksum(found_part& found) const {
        weir::running_checksum sum(fields().checksum);
        const std::uint64_t from = fields().cover.value_or(header_end_);
        sum.update(frame_.part(static_cast<std::size_t>(from), static_cast<std::size_t>(header_end_ - from)));
        const auto size = static_cast<std::size_t>(payload_end_ - header_end_);
        sum.update(unstuffed(described_, frame_.part(static_cast<std::size_t>(header_end_), size)).view());
        const weir::buffer wire = unstuffed(described_, found.content);
        weir::buffer expected;
        weir::put_checksum(sum.value(), fields().check_bytes(), fields().check_byte_order(), expected);
        found.wrong = expected.view() != wire.view();
        const std::string name = fmt::format("{} over {}", to_string(fields().checksum), say_cover(fields()));
        if (!found.wrong) return fmt::format("{}: {}, right", name, weir::to_hex(wire.view()));
        return fmt::format("{}: {} found, {} expected", name, weir::to_hex(wire.view()), weir::to_hex(expected.view()));
    }

    const weir::framing& described_;
    weir::bytes_view frame_;
    std::uint64_t at_ = 0;
    std::uint64_t header_end_ = 0;
    std::uint64_t payload_end_ = 0;
    std::vector<found_part> parts_;
};

}  // namespace

std::string_view section_of(part_kind kind) noexcept {
    switch (kind) {
        case part_kind::payload:
        case part_kind::field: return "payload";
        case part_kind::checksum:
        case part_kind::end_mark: return "trailer";
        default: return "header";
    }
}

std::vector<part> parts_of(const weir::framing& described) {
    const weir::description& fields = described.fields();
    std::vector<part> parts;
    add_header(fields, parts);
    if (fields.kind == kind::record) {
        for (const auto& one : record_fields(fields.fields)) {
            parts.push_back({part_kind::field, one.name, one.meaning, one.size, one.code});
        }
    } else if (fields.kind == kind::fixed) {
        parts.push_back({part_kind::payload, "payload", "the message", fields.size});
    } else {
        const std::string escaped = fields.escapes.empty() ? "the message" : "the message, bytes stuffed";
        parts.push_back({part_kind::payload, "payload", escaped});
    }
    add_trailer(fields, parts);
    return parts;
}

std::vector<found_part> dissect(const weir::framing& described, weir::bytes_view frame, bool ended) {
    std::uint64_t looked = 0;
    const auto& machine = described.machine();
    weir::verdict said = machine.measure({frame, 0, false}, looked);
    if (said.what == weir::verdict::answer::more && ended) said = machine.measure_last({frame, 0, false}, looked);
    dissection parts(described, frame);
    // A length may announce more than the largest possible size. Then only the parts that are certain are returned.
    const bool sizes_are_known = said.what == weir::verdict::answer::frame && said.body < weir::verdict::most_size;
    return sizes_are_known ? parts.whole(said) : parts.partial();
}

std::string say_cover(const weir::description& fields) {
    if (!fields.cover) return "the payload";
    if (*fields.cover == 0) return "the frame before it";
    return fmt::format("the frame before it from byte {} on", *fields.cover);
}

std::string say_counted(const weir::description& fields) {
    const std::string behind =
        fields.checksum == weir::checksum_kind::none ? "the payload" : "the payload and the checksum";
    if (!fields.has_length()) return behind;
    switch (fields.counts) {
        case weir::counts_rule::body: return behind;
        case weir::counts_rule::payload: return "the payload";
        case weir::counts_rule::field: return "the length itself and " + behind;
        case weir::counts_rule::whole: return "the whole frame";
    }
    return behind;
}

}  // namespace weir_tool
