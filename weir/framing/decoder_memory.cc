#include "weir/framing/decoder_memory.h"

#include <algorithm>
#include <utility>

#include "weir/framing/decoder_state.h"

namespace weir {

std::span<std::byte> decoder_memory::room(decoder& of, std::size_t expected, std::size_t least) {
    const std::size_t size = room_bytes(of, expected, 0, least);
    return size == 0 ? std::span<std::byte>() : of.partial_->tail.prepare(0).first(size);
}

std::size_t decoder_memory::room_bytes(const decoder& of, std::size_t expected, std::size_t spare_bytes,
                                       std::size_t least) noexcept {
    using state = decoder::state;
    if (of.cursor_ != of.end_ || of.finished_) return 0;
    const auto* const partial = of.partial_.get();
    const std::size_t handed_out = partial == nullptr ? 0 : partial->handed_out;
    const std::size_t collected = partial == nullptr ? 0 : partial->tail.size() - handed_out;
    std::size_t free = 0;
    if (spare_bytes != 0) {
        free = spare_bytes - std::min(spare_bytes, collected);
    } else {
        if (partial == nullptr || handed_out != 0) return 0;
        free = partial->tail.room();
    }
    std::uint64_t most = 0;
    if (collected == 0) {
        if (of.state_ == state::frame) most = expected;
    } else if (of.state_ == state::known) {
        most = of.missing();
    } else if (of.state_ == state::frame && of.searches()) {
        most = UINT64_MAX;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(free, most));
    return size < least ? 0 : size;
}

void decoder_memory::collected(decoder& of, std::size_t count) {
    if (of.fast_ == internal::fast_path::kind::mark) of.looked_ += of.scan_.take_looked(of.cursor_);
    of.fast_ = internal::fast_path::kind::general;
    of.partial().tail.commit(count);
    of.fed_ += count;
    of.partial_->returnable = 0;
}

void decoder_memory::copy_undecoded(const decoder& of, buffer& to) {
    if (of.held() != 0) to.append(of.partial_->tail.view().from(of.partial_->handed_out));
    to.append({of.cursor_, of.rest()});
}

bytes_view decoder_memory::last_frame(const decoder& of, std::size_t size) noexcept {
    if (of.partial_ != nullptr && of.partial_->handed_out != 0) return of.partial_->tail.view().first(size);
    return {of.cursor_ - size, size};
}

void decoder_memory::prepare(decoder& of, std::size_t count) {
    buffer& tail = of.partial().tail;
    of.drop_handed_out();
    tail.prepare(count);
}

void decoder_memory::swap(decoder& of, buffer& other) {
    WEIR_CHECK(other.empty(), "decoder_memory::swap(): the buffer has content");
    if (of.partial_ == nullptr && other.capacity() == 0) return;
    buffer& tail = of.partial().tail;
    other.append(tail.view().from(std::exchange(of.partial_->handed_out, 0)));
    tail.swap(other);
    other.clear();
}

void decoder_memory::trim(decoder& of, std::size_t keep) {
    if (of.partial_ == nullptr) return;
    if (of.partial_->plain.capacity() > keep) of.partial_->plain.release();
    buffer& tail = of.partial_->tail;
    of.drop_handed_out();
    if (tail.capacity() <= std::max(keep, 4 * tail.size())) return;
    buffer fitting;
    fitting.append(tail.view());
    tail.swap(fitting);
}

void decoder_memory::continue_at(decoder& of, std::uint64_t offset) {
    WEIR_CHECK(of.cursor_ == of.end_ && of.at_boundary() && of.state_ == decoder::state::frame && !of.finished_,
               "decoder_memory::continue_at() inside a message or after the end");
    of.feed({});
    of.fed_ = offset;
    of.fast_ = of.usual_;
}

}  // namespace weir
