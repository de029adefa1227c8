#include "tool/explain/candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace weir_tool {
namespace {

using kind = weir::framing_kind;
using weir::byte_order;
using weir::counts_rule;

constexpr std::uint64_t most_offset = 8;
constexpr std::uint64_t most_fixed_bytes = 256;
constexpr std::size_t most_pairs = 24;
constexpr double bits_a_byte = 8;
constexpr double bits_of_usual_mark = 1;
constexpr double bits_of_unusual_byte = 6;  // 0x80 and above: marks in use hardly ever have one
constexpr std::array<std::string_view, 4> usual_marks{"\r\n\r\n", "\n\n", "\x1c\r", "\r\n.\r\n"};

bool is_text(std::byte b) { return b >= std::byte{' '} && b <= std::byte{'~'}; }
bool is_alphanumeric(std::byte b) {
    const char c = static_cast<char>(b);
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
double bits_of_counts(counts_rule rule) { return rule == counts_rule::body ? 0 : 2; }
double bits_of_offset(std::uint64_t offset) {
    return offset == 0 ? 0 : 2 + 2 * std::log2(static_cast<double>(offset) + 1);
}

void add_lengths(std::vector<candidate>& all) {
    struct field {
        std::uint8_t width;
        byte_order order;
        double bits;
    };
    constexpr std::array<field, 9> widths{{{4, byte_order::big, 4},
                                           {2, byte_order::big, 4},
                                           {1, byte_order::big, 5},
                                           {4, byte_order::little, 5},
                                           {2, byte_order::little, 5},
                                           {3, byte_order::big, 6},
                                           {8, byte_order::big, 6},
                                           {3, byte_order::little, 7},
                                           {8, byte_order::little, 7}}};
    for (std::uint64_t offset = 0; offset <= most_offset; ++offset) {
        for (const auto rule : {counts_rule::body, counts_rule::payload, counts_rule::field, counts_rule::whole}) {
            const double bits = bits_of_offset(offset) + bits_of_counts(rule);
            candidate one{weir::description(kind::length)};
            one.fields.offset = offset;
            one.fields.counts = rule;
            for (const auto& width : widths) {
                one.fields.width = width.width;
                one.fields.order = width.order;
                one.bits = bits + width.bits;
                all.push_back(one);
            }
            candidate compact{weir::description(kind::varint), bits + 6};
            compact.fields.offset = offset;
            compact.fields.counts = rule;
            all.push_back(compact);
        }
    }
}

candidate delimited(std::vector<weir::bytes> marks, double bits) {
    candidate made{weir::description(kind::delimited), bits};
    made.fields.marks = std::move(marks);
    return made;
}

// A mark at the end of the sample costs less: its bytes are not a free choice.
double bits_of_mark(weir::bytes_view mark, weir::bytes_view sample) {
    const double each = sample.text().ends_with(mark.text()) ? 2 : bits_a_byte;
    double bits = 8 + each * static_cast<double>(mark.size());
    for (const auto byte : mark) bits += !belongs_to_payload(byte) ? 0 : is_text(byte) ? 12 : bits_of_unusual_byte;
    return bits;
}

// Adds framings with an end mark: each byte that occurs more than once, and pairs and longer marks that end the sample,
// occur often or are usual.
void add_marks(weir::bytes_view sample, std::vector<candidate>& all) {
    std::array<std::size_t, 256> times{};
    for (const auto byte : sample) ++times[std::to_integer<std::size_t>(byte)];
    for (std::size_t value = 0; value < times.size(); ++value) {
        const auto byte = static_cast<std::byte>(value);
        if (times[value] >= 2 && byte != std::byte{'\n'}) {
            const weir::bytes_view mark(&byte, 1);
            all.push_back(delimited({weir::bytes(mark)}, bits_of_mark(mark, sample)));
        }
    }
    std::set<std::string> longer(usual_marks.begin(), usual_marks.end());
    for (std::size_t size = 2; size <= 5 && size < sample.size(); ++size) {
        longer.emplace(sample.from(sample.size() - size).text());
    }
    std::map<std::string_view, std::size_t> pairs;
    for (std::size_t i = 0; i + 1 < sample.size(); ++i) {
        if (!is_alphanumeric(sample[i]) || !is_alphanumeric(sample[i + 1])) ++pairs[sample.part(i, 2).text()];
    }
    std::vector<std::pair<std::size_t, std::string_view>> frequent;
    for (const auto& [pair, number] : pairs) {
        if (number >= 2) frequent.emplace_back(number, pair);
    }
    std::sort(frequent.rbegin(), frequent.rend());
    for (std::size_t i = 0; i < std::min(frequent.size(), most_pairs); ++i) longer.emplace(frequent[i].second);
    for (const auto& mark : longer) {
        const std::size_t first = sample.text().find(mark);
        const bool twice =
            first != std::string_view::npos && sample.text().find(mark, first + 1) != std::string_view::npos;
        const double bits =
            is_usual_mark(weir::bytes_view(mark)) ? bits_of_usual_mark : bits_of_mark(weir::bytes_view(mark), sample);
        if (twice) all.push_back(delimited({weir::bytes(mark)}, bits));
    }
}

// Adds the framings with byte stuffing that standards define.
void add_stuffed(std::vector<candidate>& all) {
    const auto add = [&](weir::bytes mark, std::vector<weir::substitution> escapes) {
        candidate made = delimited({mark}, 10);
        made.fields.escapes = std::move(escapes);
        all.push_back(made);
        made.fields.start = std::move(mark);
        made.bits += 1;
        all.push_back(std::move(made));
    };
    add({0xc0}, {{{0xdb, 0xdc}, {0xc0}}, {{0xdb, 0xdd}, {0xdb}}});  // SLIP, RFC 1055
    add({0x7e}, {{{0x7d, 0x5d}, {0x7d}}, {{0x7d, 0x5e}, {0x7e}}});  // HDLC-like framing, RFC 1662
    add({0x7e}, {{{0x7d, 0x01}, {0x7d}}, {{0x7d, 0x02}, {0x7e}}});  // JT/T 808
}

}  // namespace

bool belongs_to_payload(std::byte b) {
    return is_alphanumeric(b) || b >= std::byte{0x80} ||
           std::string_view("{}[]\"'<>(). ,-_/\\`@").find(static_cast<char>(b)) != std::string_view::npos;
}

bool is_usual_mark(weir::bytes_view mark) {
    return std::find(usual_marks.begin(), usual_marks.end(), mark.text()) != usual_marks.end();
}

bool is_usual_start(std::byte b) {
    return std::string_view("\x02\x0b$:").find(static_cast<char>(b)) != std::string_view::npos;
}

std::vector<candidate> candidates_for(weir::bytes_view sample) {
    std::vector<candidate> all{{weir::description(kind::lines), 2}, {weir::description(kind::lines), 1}};
    all[1].fields.crlf = true;
    all.push_back({weir::description(kind::netstring), 4});
    add_lengths(all);
    add_stuffed(all);
    add_marks(sample, all);
    for (std::uint64_t size = 2; size <= std::min<std::uint64_t>(most_fixed_bytes, sample.size() / 2); ++size) {
        candidate one{weir::description(kind::fixed), 9 + std::log2(static_cast<double>(size))};
        one.fields.size = size;
        all.push_back(one);
    }
    return all;
}

std::vector<candidate> with_checksums(const candidate& bare) {
    using enum weir::checksum_kind;
    std::vector<candidate> all;
    const bool has_header = bare.fields.has_length() || !bare.fields.start.empty();
    for (const auto sum : {xor8, sum8, crc16_modbus, crc16_x25, crc32, crc32c}) {
        for (const bool frame : {false, true}) {
            if (frame && !has_header) continue;
            for (const bool other_order : {false, true}) {
                candidate one = bare;
                one.fields.checksum = sum;
                one.bits += 4 + (frame ? 1 : 0) + (other_order ? 2 : 0);
                if (frame) one.fields.cover = 0;
                if (other_order && one.fields.check_bytes() == 1) continue;
                if (other_order) {
                    const bool big = one.fields.check_byte_order() == byte_order::big;
                    one.fields.check_order = big ? byte_order::little : byte_order::big;
                }
                if (bare.fields.kind == kind::fixed) {
                    if (bare.fields.size <= one.fields.check_bytes()) continue;
                    one.fields.size -= one.fields.check_bytes();
                }
                all.push_back(std::move(one));
            }
        }
    }
    return all;
}

std::vector<candidate> with_openings(const candidate& bare, weir::bytes_view common) {
    std::vector<candidate> all;
    const bool prefixed = bare.fields.has_length();
    if (prefixed) {
        for (std::size_t size = 1; size <= std::min<std::size_t>({common.size(), bare.fields.offset, 4}); ++size) {
            candidate one = bare;
            one.fields.magic = common.first(size);
            one.bits += 1 + bits_a_byte * static_cast<double>(size);
            all.push_back(std::move(one));
        }
    } else if (bare.fields.kind == kind::delimited && bare.fields.start.empty() && bare.fields.escapes.empty() &&
               !common.empty() && !belongs_to_payload(common[0])) {
        candidate one = bare;
        one.fields.start = common.first(1);
        one.bits += is_usual_start(common[0]) ? 4 : 20;
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace weir_tool
