#include "weir/base/choices.h"

#include <algorithm>

#include "weir/base/text.h"

namespace weir {

choices choices::random(std::uint64_t seed) {
    choices made(source::random);
    made.random_ = internal::random_source(seed);
    return made;
}

choices choices::replay(numbers row) {
    choices made(source::row);
    made.row_ = std::move(row);
    return made;
}

choices choices::fuzzed(bytes_view content) {
    choices made(source::bytes);
    made.content_ = bytes(content);
    return made;
}

std::uint64_t choices::drawn(std::uint64_t bound) {
    switch (from_) {
        case source::random: return random_.below(bound);
        case source::row: return used_ < row_.size() ? std::min(row_[used_++], bound - 1) : 0;
        case source::bytes: break;
    }
    std::uint64_t number = 0;
    for (std::uint64_t reach = bound - 1; reach != 0 && used_ < content_.size(); reach >>= 8)
        number = number << 8 | std::to_integer<std::uint64_t>(content_[used_++]);
    return number % bound;
}

std::uint64_t choices::below(std::uint64_t bound) {
    WEIR_CHECK(bound != 0, "choices::below(0)");
    record_.made.push_back({drawn(bound), bound});
    return record_.made.back().value;
}

std::uint64_t choices::between(std::uint64_t least, std::uint64_t most) {
    WEIR_CHECK(least <= most, "choices::between() of an empty range");
    // The bound 2^64 does not fit into 64 bits, so the upper half is chosen first.
    if (most - least == UINT64_MAX) {
        const std::uint64_t high = below(std::uint64_t{1} << 32);
        return high << 32 | below(std::uint64_t{1} << 32);
    }
    return least + below(most - least + 1);
}

bytes choices::content(std::size_t size) {
    bytes made;
    for (std::size_t i = 0; i < size; ++i) made.append(static_cast<std::uint8_t>(below(256) ^ 'a'));
    return made;
}

void choices::scope::end() {
    const std::size_t now = source_.record_.made.size();
    if (now != begin_) source_.record_.parts.push_back({begin_, now});
}

choices::numbers choices::row() const {
    numbers all;
    all.reserve(record_.made.size());
    for (const auto& one : record_.made) all.push_back(one.value);
    return all;
}

bool choices::next_row() {
    // The last choice that can be larger is increased by one. The choices after it are dropped, so they start again at
    // 0.
    while (!record_.made.empty() && record_.made.back().value + 1 == record_.made.back().bound) record_.made.pop_back();
    if (record_.made.empty()) return false;
    ++record_.made.back().value;
    *this = replay(row());
    return true;
}

std::string choices::say(const numbers& row) {
    if (row.empty()) return "-";
    std::string text;
    for (std::size_t i = 0; i < row.size();) {
        std::size_t times = 1;
        while (i + times < row.size() && row[i + times] == row[i]) ++times;
        text += (text.empty() ? "" : ",") + std::to_string(row[i]);
        if (times > 1) text += "*" + std::to_string(times);
        i += times;
    }
    return text;
}

std::optional<choices::numbers> choices::parse(std::string_view text) {
    constexpr std::size_t most_choices = std::size_t{1} << 24;
    numbers row;
    if (text == "-") return row;
    for (bool more = true; more;) {
        const std::size_t comma = text.find(',');
        more = comma != std::string_view::npos;
        const std::string_view word = text.substr(0, comma);
        if (more) text.remove_prefix(comma + 1);
        const std::size_t star = word.find('*');
        const auto number = parse_unsigned(word.substr(0, star));
        const auto times = star == std::string_view::npos ? std::uint64_t{1} : parse_unsigned(word.substr(star + 1));
        if (!number || !times || *times == 0 || *times > most_choices - row.size()) return std::nullopt;
        row.insert(row.end(), static_cast<std::size_t>(*times), *number);
    }
    return row;
}

}  // namespace weir
