#include "weir/stream/internal/channel/channel_sender.h"

#include <memory>
#include <utility>

#include "weir/stream/shared_payload.h"

namespace weir::internal {

std::optional<outcome> channel_sender::submit(byte_stream* below) {
    leave_fast_path();
    if (is_sending() || queue_.empty() || has_failed()) return {};
    const std::size_t memory = queue_.memory();
    auto done = queue_.has_blocks() ? below->send_gathered(queue_) : below->send(queue_.bytes());
    if (done) return done;
    now_.stream_memory = memory;
    now_.state = now_.state == state::idle ? state::sending : state::finishing_sending;
    return {};
}

void channel_sender::completed() noexcept {
    now_.stream_memory = 0;
    switch (now_.state) {
        case state::sending: now_.state = state::idle; break;
        case state::finishing_sending: now_.state = state::finishing; break;
        case state::shutting_down: now_.state = state::shut_down; break;
        case state::failed_sending: now_.state = state::failed; break;
        default: WEIR_CHECK(false, "a stream completed a send that a channel had not submitted");
    }
}

void channel_sender::append_in_place(buffer& frame, spare_buffers& spares) {
    buffer& bytes = queue_.bytes();
    const bool is_block = frame.size() >= shared_payload::least_shared_bytes && frame.capacity() <= 2 * frame.size();
    if (queue_.has_blocks() && !is_block) {
        bytes.append(frame.view());
        return spares.keep(frame);
    }
    if (queue_.has_blocks()) {
        const auto block = std::make_shared<buffer>(std::move(frame));
        return queue_.append(block->view(), block);
    }
    if (bytes.size() > frame.size()) {
        bytes.append(frame.view());
        frame.release();
        return;
    }
    frame.prepend(bytes.view());
    bytes.swap(frame);
    spares.keep(frame);
}

bool channel_sender::has_room(const channel_limits& limits, const byte_stream* below) noexcept {
    if (!limits.high_water_bytes) return true;
    const std::size_t bytes = queued(below);
    if (bytes >= *limits.high_water_bytes) {
        now_.was_high = true;
    } else if (bytes <= limits.low_water_bytes) {
        now_.was_high = false;
    }
    return !now_.was_high;
}

void channel_sender::recycle(spare_buffers& spares) noexcept {
    WEIR_CHECK(has_no_line(), "a channel's sender is recycled while a task waits in it");
    spares.keep(queue_.bytes());
    if (queue_.memory() != 0) queue_.release();  // at the end of a loop there may be something to send
    if (!is_good()) failure_ = error(errc::none);
    now_ = {};
}

void channel_sender::check_invariants() const {
    WEIR_CHECK(!has_failed() || queue_.empty(), "a failed sender has bytes to send");
    WEIR_CHECK(has_ended() || is_good(), "a sender continues after its failure");
    WEIR_CHECK(now_.stream_memory == 0 || is_sending(), "a sender counts memory of a stream that sends nothing");
    WEIR_CHECK(now_.fast_bytes == 0 || now_.state == state::idle, "a busy sender has a fast path");
}

}  // namespace weir::internal
