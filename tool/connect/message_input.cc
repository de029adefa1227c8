#include "tool/connect/message_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "tool/command/talk.h"

namespace weir_tool {

message_input::message_input(standard_input& from, weir::framing described)
    : from_(from), decoder_(std::move(described)), room_(std::make_unique_for_overwrite<std::byte[]>(read_bytes)) {}

message_input message_input::hex(standard_input& from, std::uint64_t limit) {
    message_input made(from, weir::framing::lines());
    made.hex_.emplace(limit);
    return made;
}

message_input::step message_input::next() {
    if (hex_) return next_hex();
    for (;;) {
        const auto happened = decoder_.next();
        switch (happened.what) {
            case weir::decoder::message:
            case weir::decoder::piece: ++number_; return {message, happened.payload};
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

message_input::step message_input::next_hex() {
    switch (hex_->next()) {
        case hex_lines::message: ++number_; return {message, hex_->content().view()};
        case hex_lines::more: return {more};
        case hex_lines::end: return {end};
        case hex_lines::broken: break;
    }
    return {broken, {}, fmt::format("message {} of the input: {}", ++number_, hex_->why())};
}

weir::buffer message_input::take(const step& one) {
    if (!hex_) return decoder_.take(one.payload);
    weir::buffer taken;
    taken.swap(hex_->content());
    return taken;
}

// Reads the rest of a large message directly into the memory in which the decoder collects it.
weir::result<std::size_t> message_input::read() {
    if (!hex_ && weir::decoder_memory::held(decoder_) >= read_bytes) {
        const std::uint64_t missing = weir::decoder_memory::missing(decoder_);
        const std::size_t held = weir::decoder_memory::held(decoder_);
        weir::decoder_memory::prepare(
            decoder_, missing == 0 ? held : static_cast<std::size_t>(std::min<std::uint64_t>(missing, held)));
    }
    const auto place = hex_ ? std::span<std::byte>() : weir::decoder_memory::room(decoder_);
    is_in_place_ = !place.empty();
    if (is_in_place_) return from_.read(place.first(std::min(place.size(), read_bytes)));
    return from_.read({room_.get(), read_bytes});
}

void message_input::feed(std::size_t came) {
    if (came == 0) return hex_ ? hex_->finish() : decoder_.finish();
    if (is_in_place_) return weir::decoder_memory::collected(decoder_, came);
    const weir::bytes_view content(room_.get(), came);
    if (hex_) return hex_->feed(content);
    decoder_.feed(content);
}

message_input::step message_input::fail() {
    ++number_;
    return {broken,
            {},
            fmt::format("message {} of the input, at byte {}: {}", number_, decoder_.failed_at(),
                        decoder_.failure().detail())};
}

}  // namespace weir_tool
