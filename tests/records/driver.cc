// Packs and unpacks records with weir, for tests/records/compare.py. Reads a case from each line, and answers with a
// line.
//
//     size FORMAT               27                   or refused
//     pack FORMAT VALUE...      0000002a             or refused
//     unpack FORMAT BYTES       n42 d3ff8000...      or refused
//
// FORMAT and BYTES are hex digits after a -, so that they may be empty. A VALUE is an integer (n-5 or
// n18446744073709551615), a double (d and its bits in 16 hex digits), a bool (t0 or t1), or bytes (b and hex digits).
#include <charconv>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "weir/base/text.h"
#include "weir/framing/record/record.h"

namespace {

using namespace weir;

template <class Number>
Number number_of(std::string_view text, int base = 10) {
    Number number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number, base);
    WEIR_CHECK(read.ec == std::errc() && read.ptr == text.data() + text.size(), std::string(text));
    return number;
}

// A parsed case. The values are views of `contents`.
struct question {
    std::string verb, format;
    std::vector<bytes> contents;
    std::vector<std::string> words;
};

bytes from_hex(std::string_view hex) {
    auto content = parse_hex(hex);
    WEIR_CHECK(content.has_value(), std::string(hex));
    return *content;
}

record_value value_of(const std::string& word, const bytes& content) {
    const auto rest = std::string_view(word).substr(1);
    switch (word[0]) {
        case 'n':
            if (rest[0] == '-') return number_of<std::int64_t>(rest);
            return number_of<std::uint64_t>(rest);
        case 'd': return std::bit_cast<double>(number_of<std::uint64_t>(rest, 16));
        case 't': return rest == "1";
        default: return content.view();
    }
}

std::string word_of(const record_value& value) {
    struct {
        std::string operator()(std::int64_t number) const { return "n" + std::to_string(number); }
        std::string operator()(std::uint64_t number) const { return "n" + std::to_string(number); }
        std::string operator()(double number) const {
            bytes bits;
            for (int shift = 56; shift >= 0; shift -= 8) {
                bits.append(static_cast<std::uint8_t>(std::bit_cast<std::uint64_t>(number) >> shift));
            }
            return "d" + to_hex(bits);
        }
        std::string operator()(bool truth) const { return truth ? "t1" : "t0"; }
        std::string operator()(bytes_view content) const { return "b" + to_hex(content); }
    } const words;
    return std::visit(words, value);
}

std::string answer(const question& asked) {
    const auto layout = record_layout::parse(asked.format);
    if (!layout) return "refused";
    if (asked.verb == "size") return std::to_string(layout->size());
    std::string said;
    if (asked.verb == "pack") {
        std::vector<record_value> values;
        for (std::size_t i = 0; i < asked.words.size(); ++i) {
            values.push_back(value_of(asked.words[i], asked.contents[i]));
        }
        buffer out;
        if (!layout->pack(values, out)) return "refused";
        said = to_hex(out.view());
    } else {
        const auto values = layout->unpack(asked.contents.at(0));
        if (!values) return "refused";
        for (const auto& one : *values) said += (said.empty() ? "" : " ") + word_of(one);
    }
    return said;
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        question asked;
        std::string word;
        words >> asked.verb >> word;
        asked.format = std::string(from_hex(word.substr(1)).text());
        while (words >> word) {
            const bool has_bytes = word[0] == 'b' || word[0] == '-';
            asked.contents.push_back(has_bytes ? from_hex(word.substr(1)) : bytes());
            asked.words.push_back(std::move(word));
        }
        std::cout << answer(asked) << '\n';
    }
}
