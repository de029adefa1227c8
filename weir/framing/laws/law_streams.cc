#include "weir/framing/laws/law_streams.h"

#include <algorithm>

namespace weir::laws::internal {
namespace {

constexpr std::size_t short_frame = 24;
constexpr std::size_t changed_places = 14;

std::vector<bytes> every_byte_at(bytes_view message, std::size_t place) {
    std::vector<bytes> all;
    for (int value = 0; value < 256; ++value) {
        bytes one(message);
        one[place] = static_cast<std::byte>(value);
        all.push_back(std::move(one));
    }
    return all;
}

// Continues a number as a varint: sets the top bit of the byte, which announces another byte, and inserts up to nine
// more bytes. These add zeros or higher bits, even beyond the 64th bit.
void continue_number(const std::string& wire, std::size_t place, std::vector<bytes>& all) {
    for (std::size_t more = 0; more < 9; ++more) {
        for (const char last : {'\x00', '\x02', '\x10'}) {
            std::string longer = wire;
            longer[place] = static_cast<char>(longer[place] | '\x80');
            longer.insert(place + 1, std::string(more, '\x80') + last);
            all.emplace_back(longer);
        }
    }
}

// Adds 2^32 or 2^64 to a decimal digit.
void add_powers(const std::string& wire, std::size_t place, std::vector<bytes>& all) {
    if (wire[place] < '0' || wire[place] > '9') return;
    const int digit = wire[place] - '0';
    for (const auto& [front, last] : {std::pair("42949672", 96), std::pair("184467440737095516", 16)}) {
        std::string larger = wire;
        larger.replace(place, 1, front + std::to_string(last + digit));
        all.emplace_back(larger);
    }
}

}  // namespace

std::vector<std::vector<bytes>> many_messages(const subject& tested, std::span<const bytes> messages) {
    std::vector<std::vector<bytes>> all;
    for (const auto& message : messages) {
        if (message.empty() || message.size() > 32) continue;
        all.push_back(every_byte_at(message, 0));
        all.push_back(every_byte_at(message, message.size() - 1));
        all.emplace_back(40, message);
    }
    constexpr std::uint64_t largest = 16 * 1024;
    for (std::uint64_t power = 4; power <= std::min(tested.limit(), largest); power *= 2) {
        for (std::uint64_t size = power - 1; size <= power + 1; ++size)
            all.push_back({bytes(std::string(static_cast<std::size_t>(size), 'x'))});
    }
    return all;
}

std::vector<bytes> short_frames(const subject& tested, std::span<const bytes> messages) {
    std::vector<bytes> all;
    buffer joined;
    for (const auto& message : messages) {
        buffer frame;
        if (!tested.encode(message, frame) || frame.size() > short_frame) continue;
        if (joined.size() + frame.size() <= 40) joined.append(frame.view());
        all.emplace_back(frame.view());
        if (all.size() == 6) break;
    }
    // A frame whose size has a digit to which add_powers() can add 2^64.
    buffer two;
    if (tested.encode(std::string_view("xy"), two) && two.size() <= short_frame) all.emplace_back(two.view());
    all.emplace_back(joined.view());
    return all;
}

std::vector<bytes> changed_frames(bytes_view frame) {
    constexpr std::string_view put_in("\n\r\0 0\x01\x80\xff", 8);
    std::vector<bytes> all;
    const std::string wire(frame.text());
    for (std::size_t place = 0; place < wire.size(); ++place) {
        if (place >= changed_places / 2 && place + changed_places / 2 < wire.size()) continue;
        all.emplace_back(wire.substr(0, place));
        for (int bit = 0; bit < 8; ++bit) {
            std::string turned = wire;
            turned[place] = static_cast<char>(turned[place] ^ (1 << bit));
            all.emplace_back(turned);
        }
        for (const char one : put_in) all.emplace_back(std::string(wire).insert(place, 1, one));
        all.emplace_back(std::string(wire).insert(place, 1, wire[place]));
        all.emplace_back(std::string(wire).erase(place, 1));
        all.emplace_back(std::string(wire).erase(place, 1) + wire);
        all.emplace_back(std::string(wire).insert(place, "99"));
        if (place < 4) continue_number(wire, place, all);
        add_powers(wire, place, all);
    }
    return all;
}

}  // namespace weir::laws::internal
