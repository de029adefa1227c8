#include "tests/compare/script.h"

#include <cctype>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace compare {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

// Returns the index after the closing quote of the quoted text that begins at `from`.
std::size_t end_of_quoted(std::string_view text, std::size_t from) {
    for (std::size_t at = from + 1; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    throw std::runtime_error("a quote is not closed: " + std::string(text));
}

// Words are separated by spaces outside quotes. A `#` at the beginning of a word starts a comment, which ends with the
// line.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        if (is_space(text[at])) {
            ++at;
            continue;
        }
        if (text[at] == '#') break;
        const std::size_t from = at;
        while (at < text.size() && !is_space(text[at])) at = text[at] == '"' ? end_of_quoted(text, at) : at + 1;
        words.emplace_back(text.substr(from, at - from));
    }
    return words;
}

int number_of(std::string_view text) {
    int number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size())
        throw std::runtime_error("not a number: " + std::string(text));
    return number;
}

std::string unescape(std::string_view quoted) {
    std::string bytes;
    for (std::size_t at = 1; at + 1 < quoted.size(); ++at) {
        if (quoted[at] != '\\') {
            bytes += quoted[at];
        } else if (quoted[++at] == 'n') {
            bytes += '\n';
        } else if (quoted[at] == 'x') {
            bytes += static_cast<char>(std::stoi(std::string(quoted.substr(at + 1, 2)), nullptr, 16));
            at += 2;
        } else {
            bytes += quoted[at];
        }
    }
    return bytes;
}

}  // namespace

std::vector<line> read_script(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    std::vector<line> lines;
    int number = 0;
    for (std::string text; std::getline(file, text);) {
        ++number;
        std::string joined;
        for (const auto& word : words_of(text)) joined.append(joined.empty() ? "" : " ").append(word);
        if (!joined.empty()) lines.push_back({number, joined});
    }
    return lines;
}

call parse_call(std::string_view text) {
    auto words = words_of(text);
    call made;
    for (std::size_t i = 0; i < words.size() && i < 3; ++i) {
        if (words[i] != "=") continue;
        made.gives.assign(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i));
        words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        break;
    }
    if (words.size() >= 2 && words[words.size() - 2] == "within" && words.front() != "start") {
        made.patience = parse_duration(words.back());
        words.resize(words.size() - 2);
    }
    if (words.empty()) throw std::runtime_error("no call: " + std::string(text));
    made.verb = words.front();
    made.operands.assign(words.begin() + 1, words.end());
    return made;
}

weir::duration parse_duration(std::string_view text) {
    if (text.ends_with("ms")) return std::chrono::milliseconds(number_of(text.substr(0, text.size() - 2)));
    if (text.ends_with("s")) return std::chrono::seconds(number_of(text.substr(0, text.size() - 1)));
    throw std::runtime_error("not a duration: " + std::string(text));
}

std::string parse_data(std::string_view text) {
    const auto quote = text.find('"');
    if (quote == text.npos || text.back() != '"') throw std::runtime_error("not data: " + std::string(text));
    const std::string piece = unescape(text.substr(quote));
    int times = 1;
    if (quote != 0) times = number_of(text.substr(0, quote - 1));
    std::string all;
    for (int i = 0; i < times; ++i) all += piece;
    return all;
}

std::string show_data(std::string_view data) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (data.size() > 40) {
        std::uint32_t sum = 2166136261u;  // FNV-1a
        for (const char c : data) sum = (sum ^ static_cast<unsigned char>(c)) * 16777619u;
        return std::to_string(data.size()) + " bytes, sum " + std::to_string(sum);
    }
    std::string text = "\"";
    for (const char c : data) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (byte >= 0x20 && byte < 0x7f) {
            text += c;
        } else {
            text.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        }
    }
    return text + "\"";
}

}  // namespace compare
