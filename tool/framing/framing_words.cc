#include "tool/framing/framing_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include <weir/base/text.h>
#include <weir/framing/encoder.h>

#include "tool/explain/anatomy.h"

namespace weir_tool {
namespace {

using kind = weir::framing_kind;

constexpr std::size_t line_width = 100;

std::string number_words(const weir::description& fields) {
    switch (fields.kind) {
        case kind::varint: return "A LEB128 length (seven bits a byte, the lowest first)";
        case kind::ber: return "A BER length (one byte up to 127, else the number of the bytes that follow)";
        case kind::decimal: return fmt::format("A length of {} decimal digits", fields.width);
        case kind::hex: return fmt::format("A length of {} hexadecimal digits", fields.width);
        case kind::digits:
            return fmt::format("A length in decimal digits, and {} after them,", weir::quote(fields.length_end));
        default: break;
    }
    if (fields.width == 1) return "A length of one byte";
    return fmt::format("A length of {} bytes, {},", fields.width,
                       fields.order == weir::byte_order::big ? "the high byte first" : "the low byte first");
}

std::string prefix_sentence(const weir::description& fields) {
    const std::string where = fields.offset == 0
                                  ? "precedes each message"
                                  : fmt::format("begins {} into each frame", weir::say_size(fields.offset));
    const std::string unit =
        fields.times == 1 ? "the bytes" : fmt::format("the units of {}", weir::say_size(fields.times));
    std::string text =
        fmt::format("{} {}. It counts {} of {}.", number_words(fields), where, unit, say_counted(fields));
    if (fields.mask) {
        text += fmt::format(" Only its lowest {} bits are the number; the others are {:#x}.",
                            std::popcount(*fields.mask), fields.flags);
    }
    if (fields.after != 0) text += fmt::format(" {} of the header follow it.", weir::say_size(fields.after));
    if (fields.when_short == weir::short_rule::empty) text += " A smaller number announces a message without payload.";
    return text;
}

std::string box_size(const part& one) { return one.size ? weir::say_size(*one.size) : "varies"; }

}  // namespace

std::string summary_of(const weir::framing& described) {
    const weir::description& fields = described.fields();
    switch (fields.kind) {
        case kind::lines:
            return fields.crlf ? "A line is a message: CR LF ends it and is stripped."
                               : "A line is a message: a line feed ends it and is stripped, with one carriage return "
                                 "before it.";
        case kind::delimited: {
            std::string text = fields.marks.size() == 1
                                   ? "An end mark ends each message and is stripped."
                                   : "The first of several end marks ends each message and is stripped.";
            if (!fields.start.empty()) text += " A start mark begins each frame.";
            if (!fields.escapes.empty())
                text += " Payload bytes that look like a mark are sent as two other bytes: byte stuffing.";
            return text;
        }
        case kind::fixed:
            return fmt::format("Every message has {}. It has no length and no end mark.", weir::say_size(fields.size));
        case kind::record:
            return fmt::format("Every message is one record of {}, as Python's struct module packs {}.",
                               weir::say_size(fields.limit()), fields.fields);
        case kind::length:
        case kind::varint:
        case kind::ber:
        case kind::decimal:
        case kind::hex:
        case kind::digits: return prefix_sentence(fields);
        case kind::header:
            return fmt::format(
                "Lines of a name, a colon and a value, and an empty line, precede each message. The field {} "
                "counts the bytes of {}.",
                fields.length_name, say_counted(fields));
        case kind::netstring: return "The length in decimal digits, a colon, the message, a comma.";
        case kind::chunks:
            return "No framing at all: a message is what one read returns, and the network decides how much that is. "
                   "Use it to look at traffic, not for a protocol.";
        case kind::custom: return "A format that the program defines in code. It has no text form.";
        case kind::idle:
            return fmt::format(
                "A gap of {} without bytes ends a message: for serial lines. Over TCP this is unsafe, because the "
                "network adds and removes gaps.",
                weir::format_duration(fields.gap));
    }
    return {};
}

std::vector<std::string> limits_of(const weir::framing& described) {
    const weir::description& fields = described.fields();
    std::vector<std::string> all;
    const bool one_size = fields.kind == kind::fixed || fields.kind == kind::record;
    if (!one_size) {
        const std::string what = fields.oversize == weir::oversize_rule::close  ? "ends the stream"
                                 : fields.oversize == weir::oversize_rule::skip ? "is dropped, and the next one is read"
                                                                                : "comes in pieces";
        all.push_back(
            fields.max == UINT64_MAX ? "A message may have any size."
            : fields.kind == kind::chunks
                ? fmt::format("A message has at most {}; a longer read gives several.", weir::say_size(fields.limit()))
                : fmt::format("A message has at most {}; a longer one {}.", weir::say_size(fields.limit()), what));
        // An empty message of these framings would have no bytes on the wire, so it cannot exist.
        const bool silent = fields.kind == kind::chunks || (fields.kind == kind::idle && fields.check_bytes() == 0);
        all.emplace_back(silent ? "A message cannot be empty: it would have no bytes on the wire."
                         : fields.empty == weir::empty_rule::allow  ? "A message may be empty."
                         : fields.empty == weir::empty_rule::reject ? "An empty message is an error."
                                                                    : "An empty message is dropped.");
    } else {
        all.emplace_back("A message of another size is refused, and a stream that ends inside one is truncated.");
    }
    if (fields.kind == kind::lines) {
        all.emplace_back("A message cannot contain a line feed, nor end in a carriage return.");
        all.emplace_back(fields.end == weir::end_rule::deliver
                             ? "The bytes after the last line feed are the last message."
                             : "A stream that ends inside a line is truncated.");
    }
    if (fields.kind == kind::delimited) {
        all.emplace_back(fields.escapes.empty() ? "A message cannot contain an end mark."
                                                : "A message may contain any byte.");
    }
    const bool has_shortest = fields.kind == kind::varint || fields.kind == kind::ber || fields.kind == kind::digits;
    if (has_shortest && !fields.overlong_allowed)
        all.emplace_back("A length that is encoded in more bytes than necessary is an error.");
    if (fields.times != 1)
        all.emplace_back(
            fmt::format("The bytes that the length counts are a multiple of {}.", weir::say_size(fields.times)));
    if (fields.kind == kind::header)
        all.emplace_back(fmt::format("A header has at most {}.", weir::say_size(weir::most_header_bytes)));
    if (fields.has_length() || fields.kind == kind::netstring || fields.kind == kind::header) {
        all.emplace_back("A message may contain any byte. The length is checked before anything is allocated.");
    }
    return all;
}

std::string layout_of(const weir::framing& described) {
    const auto parts = parts_of(described);
    std::string text;
    std::uint64_t offset = 0;
    bool known = true;
    for (std::size_t at = 0; at < parts.size();) {
        std::string places(" ");
        std::string border("  ");
        std::string names("  ");
        std::string sizes("  ");
        std::size_t end = at;
        for (; end < parts.size(); ++end) {
            const part& one = parts[end];
            const std::size_t width = std::max(one.name.size(), box_size(one).size()) + 2;
            if (end != at && border.size() + width + 2 > line_width) break;
            places += fmt::format("{:<{}}", known ? fmt::format(" {}", offset) : "", width + 1);
            border += "+" + std::string(width, '-');
            names += fmt::format("| {:<{}}", one.name, width - 1);
            sizes += fmt::format("| {:<{}}", box_size(one), width - 1);
            known = known && one.size.has_value();
            offset += one.size.value_or(0);
        }
        places.erase(places.find_last_not_of(' ') + 1);
        text += fmt::format("{}\n{}+\n{}|\n{}|\n{}+\n", places, border, names, sizes, border);
        at = end;
    }
    text += "\n";
    for (const auto& one : parts)
        text += fmt::format("  {:<12} {:<8} {}\n", one.name, section_of(one.kind), one.meaning);
    return text;
}

std::string example_of(const weir::framing& described) {
    weir::bytes message("hello");
    const weir::description& fields = described.fields();
    if (fields.kind == kind::fixed || fields.kind == kind::record)
        message = weir::bytes(static_cast<std::size_t>(std::min<std::uint64_t>(fields.limit(), 64)));
    if (fields.header != weir::header_rule::strip) return {};
    weir::buffer frame;
    if (!weir::encoder(described).encode(message, frame)) return {};
    return fmt::format("{} is {}", weir::quote(message, 32),
                       weir::to_hex(frame.view().first(std::min<std::size_t>(frame.size(), 64))));
}

}  // namespace weir_tool
