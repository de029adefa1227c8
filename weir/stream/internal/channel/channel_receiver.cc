#include "weir/stream/internal/channel/channel_receiver.h"

#include <algorithm>
#include <new>
#include <utility>

#include "weir/base/check.h"
#include "weir/stream/internal/isolate.h"

namespace weir::internal {

decoder::kind channel_receiver::settle() noexcept {
    switch (event_.what) {
        case decoder::message:
        case decoder::piece: now_.state = state::holding; break;
        case decoder::skipped: now_.begun_at = no_time; break;
        default: break;
    }
    return event_.what;
}

message channel_receiver::take(std::uint64_t turn) {
    drop_held();
    auto part = message::part::whole;
    if (event_.what == decoder::piece) part = event_.last ? message::part::last_piece : message::part::piece;
    if (part != message::part::piece) now_.begun_at = no_time;
    ++now_.taken;
    const std::size_t collected = decoder_memory::taken(decoder_);
    now_.large_bytes = collected > kept_bytes ? collected : 0;
    const bytes_view payload = isolate(event_.payload, isolated_);
    const bool is_usual = part == message::part::whole && now_.large_bytes == 0 && isolated_ == nullptr;
    if (is_usual && !has_ended() && !has_used_turn(turn)) now_.fast_until = now_.taken_until;
    return {payload, lease::stamp(views_), part};
}

void channel_receiver::copy_unreceived(buffer& to) const {
    WEIR_CHECK(!is_holding() || event_.what == decoder::message, "the unreceived event is not a whole message");
    if (is_holding()) to.append(decoder_memory::last_frame(decoder_, static_cast<std::size_t>(now_.frame_bytes)));
    decoder_memory::copy_undecoded(decoder_, to);
}

void channel_receiver::input_used_up(time_point at) noexcept {
    input_bytes_.give_back();
    if (decoder_.at_boundary()) {
        now_.begun_at = no_time;
    } else if (!has_begun()) {
        now_.begun_at = at;
    }
}

bool channel_receiver::has_used_turn(std::uint64_t turn) noexcept {
    if (std::exchange(now_.turn, turn) != turn) {
        now_.taken_until = now_.taken + most_messages_a_turn;
        now_.bytes_this_turn = 0;
    }
    return now_.taken >= now_.taken_until || now_.bytes_this_turn >= most_bytes_a_turn;
}

duration channel_receiver::restart_clocks(time_point at) noexcept {
    const duration away = at - std::exchange(now_.stopped_at, at);
    if (has_begun()) now_.begun_at += away;
    return away;
}

void channel_receiver::fit_memory(spare_buffers& spares) {
    const std::size_t held = decoder_memory::held(decoder_);
    const auto missing = static_cast<std::size_t>(decoder_memory::missing(decoder_));
    const std::size_t allocated = decoder_memory::allocated(decoder_);
    // The size is unknown if an end mark ends the message. The memory is then doubled, but only when it is nearly full.
    const std::size_t wanted = held + (missing != 0 ? missing : held);
    const std::size_t needed = missing != 0 ? wanted : held + std::min(held, decoder_memory::least_room);
    // This divides because a product could overflow: a peer may announce nearly 2^64 bytes.
    const bool is_much = allocated > kept_bytes && allocated / most_part > wanted;
    const bool is_little = held + missing > kept_bytes && allocated < needed;
    if (!is_much && !is_little) return;
    buffer other;
    if (wanted != 0) other = spares.take(wanted);
    if (is_much || other.capacity() >= wanted) {
        decoder_memory::swap(decoder_, other);
    } else if (held != 0 && wanted <= 4 * held) {
        decoder_memory::prepare(decoder_, wanted - held);
    }
    spares.keep(other);
    if (is_much) decoder_memory::trim(decoder_, kept_bytes);
}

// The next message is probably as large as the last one, so it is collected in a spare buffer from its first byte on.
// Returns the size of this buffer; 0 if there is none, or if the decoder already has memory.
std::size_t channel_receiver::spare_for_next(const spare_buffers& spares) const noexcept {
    if (now_.large_bytes == 0 || decoder_memory::allocated(decoder_) != 0) return 0;
    const std::size_t longer = now_.large_bytes + kept_bytes;  // the next message may be a little longer
    if (spares.capacity_for(longer) != 0) return longer;
    return spares.capacity_for(now_.large_bytes) != 0 ? now_.large_bytes : 0;
}

bool channel_receiver::wants_room(const spare_buffers& spares) const noexcept {
    const std::size_t spare = spare_for_next(spares);
    const std::size_t capacity = spare == 0 ? 0 : spares.capacity_for(spare);
    return decoder_memory::room_bytes(decoder_, now_.large_bytes, capacity) != 0;
}

std::span<std::byte> channel_receiver::room(spare_buffers& spares) {
    if (const std::size_t spare = spare_for_next(spares); spare != 0) {
        buffer other = spares.take(spare);
        decoder_memory::swap(decoder_, other);
    }
    return decoder_memory::room(decoder_, now_.large_bytes);
}

void channel_receiver::trim() {
    now_.large_bytes = 0;  // nothing is known about the next message, so it gets no large buffer
    decoder_memory::trim(decoder_);
}

void channel_receiver::begin(const framing& described, std::uint64_t offset) noexcept {
    if (!decoder_.described().is_copy_of(described)) decoder_.switch_to(described);
    decoder_memory::continue_at(decoder_, offset);
    now_.taken_until = most_messages_a_turn;
}

void channel_receiver::recycle(spare_buffers& spares, std::size_t kept) noexcept {
    isolated_.reset();
    if (decoder_memory::allocated(decoder_) > kept) {
        buffer large;
        decoder_memory::swap(decoder_, large);
        spares.keep(large);
        decoder_memory::trim(decoder_, kept);
    }
    if (has_ended()) close_reason_ = error(errc::none);
    now_ = {};
}

void channel_receiver::check_invariants() const {
    WEIR_CHECK((now_.state == state::ended) == (has_ended() && !is_holding()),
               "a receiver has ended without a close reason, or continues with one");
    WEIR_CHECK(!is_holding() || event_.what == decoder::message || event_.what == decoder::piece,
               "a receiver holds an event that is neither a message nor a piece");
    WEIR_CHECK(!is_handing() || event_.what == decoder::message, "a receiver hands out an event that is not a message");
    WEIR_CHECK(!is_reading() || has_ended() || !has_input(), "a receiver reads while it has borrowed input");
}

}  // namespace weir::internal
