#include "message_input.h"

#include <fmt/format.h>

#include <algorithm>

#include <weir/base/text.h>

#include "talk.h"

namespace weir_tool {

message_input::message_input(standard_input& from, weir::framing described)
    : from_(from), decoder_(std::move(described)), room_(std::make_unique_for_overwrite<std::byte[]>(read_bytes)) {}

message_input message_input::hex(standard_input& from, std::uint64_t limit) {
    // Two digits a byte, and a generous number of spaces.
    const std::uint64_t line = std::min<std::uint64_t>(limit, INT64_MAX / 8) * 4 + 1024;
    message_input made(from, weir::framing::lines().end(weir::framing::deliver).max(line));
    made.is_hex_ = true;
    return made;
}

message_input::step message_input::next() {
    for (;;) {
        const auto happened = decoder_.next();
        switch (happened.what) {
            case weir::decoder::message:
            case weir::decoder::piece:
                ++number_;
                return is_hex_ ? from_hex(happened.payload) : step{message, happened.payload};
            case weir::decoder::skipped:
                ++number_;
                ++skipped_;
                break;
            case weir::decoder::end: return {end};
            case weir::decoder::failed: return fail();
            case weir::decoder::more: return {more};
        }
    }
}

void message_input::feed(std::size_t came) {
    if (came == 0) return decoder_.finish();
    decoder_.feed({room_.get(), came});
}

message_input::step message_input::fail() {
    ++number_;
    return {broken,
            {},
            fmt::format("message {} of the input, at byte {}: {}", number_, decoder_.failed_at(),
                        decoder_.failure().detail())};
}

message_input::step message_input::from_hex(weir::bytes_view line) {
    std::string digits(line.text());
    std::erase_if(digits, [](char c) { return c == ' ' || c == '\t'; });
    auto content = weir::parse_hex(digits);
    if (!content) {
        return {broken,
                {},
                fmt::format("message {} of the input: {} is not hex digits in pairs", number_, show(line.text()))};
    }
    unhexed_ = *std::move(content);
    return {message, unhexed_};
}

}  // namespace weir_tool
