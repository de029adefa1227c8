// The memory of a channel in the loop's budget: what it holds, and what a message may still need.
#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "weir/base/text.h"
#include "weir/loop/internal/block_pool.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

std::size_t channel_core::held_bytes() const noexcept {
    return work_ == nullptr ? 0 : work_->receiver.memory() + work_->sender.memory();
}

void channel_core::count_memory() noexcept {
    channel_work& now = *work_;
    const std::size_t held = now.receiver.memory() + now.sender.counted_memory();
    const std::size_t queued = now.sender.is_sending() && below_ != nullptr ? now.sender.queued(below_.get()) : 0;
    if (held != now.memory.held()) {
        counters().held_bytes.add(held - now.memory.held());
        now.memory.hold(held);
    }
    if (queued != now.counted_queue) {
        counters().queued_bytes.add(queued - now.counted_queue);
        now.counted_queue = queued;
    }
}

void channel_core::count_traffic() noexcept {
    counters().add(stats_, work_->counted);
    work_->counted = stats_;
}

// Returns the most bytes that the channel may hold when the partial message is complete and a reply of the same size is
// queued. The size of the message is the announced one, or else the largest that the framing allows.
std::size_t channel_core::most_needed_bytes() const {
    const std::size_t limit = here_->budget().limit_bytes();
    if (limit == SIZE_MAX) return 0;  // there is no limit
    const std::size_t held = work_->receiver.partial_bytes();
    const std::uint64_t missing = work_->receiver.missing_bytes();
    std::uint64_t message = held + missing;
    if (missing == 0 && held > byte_budget::always_bytes / 4) message = described().limit();
    if (message > limit) message = limit;  // so that the sums do not overflow
    return std::min(limit, work_->sender.counted_memory() + with_reply(static_cast<std::size_t>(message)));
}

// Buffers grow in steps, so a buffer may be larger than its message. With byte stuffing each message is held twice: as
// it was received, and decoded.
std::size_t channel_core::with_reply(std::size_t message_bytes) const noexcept {
    const std::size_t copies = described().machine().stuffs() ? 4 : 2;
    return copies * (message_bytes + std::min(message_bytes, channel_receiver::kept_bytes));
}

// Returns false when the channel waits for on_memory_available(), or has ended because the message is larger than the
// budget.
bool channel_core::may_receive() {
    channel_work& now = *work_;
    const byte_budget& budget = here_->budget();
    if (now.receiver.at_boundary()) {
        if (now.sender.has_no_line())
            now.memory.unpromise();  // otherwise the first sender uses the promise, or waits for it
        if (budget.is_over()) here_->spares().drop();
        if (!budget.is_over()) return true;
        now.receiver.trim();
        submit_output();  // so that the peer can take the output
        count_memory();
        return now.memory.held() == 0 || may_hold(now.memory.held() + block_pool::bytes_of(0));
    }
    const std::uint64_t message = now.receiver.partial_bytes() + now.receiver.missing_bytes();
    if (message > budget.limit_bytes()) {
        hit(limit_kind::held_bytes);
        end(error(errc::too_large, {}, {},
                  "a message of " + say_size(message) + " does not fit into the " + say_size(budget.limit_bytes()) +
                      " that the connections of a loop may hold (held_bytes_of_a_loop)"));
        return false;
    }
    return may_hold(most_needed_bytes());
}

bool channel_core::may_queue(std::size_t payload_bytes) noexcept {
    channel_work& now = *work_;
    const std::size_t queued = now.sender.memory_with(payload_bytes);
    const bool is_reserved = queued <= now.memory.promised() / 2;  // half of the promise is for the reply
    return is_reserved || may_hold(now.receiver.memory() + queued);
}

bool channel_core::may_hold(std::size_t bytes) noexcept {
    const bool waited = work_->memory.is_waiting();
    const bool may = work_->memory.may_hold(bytes);
    if (!may && !waited) hit(limit_kind::held_bytes);
    return may;
}

// Called when there is room in the budget again.
void channel_core::on_memory_available() noexcept {
    if (!work_->at_turn_end.is_listed()) here_->make_ready(work_->at_turn_end);
}

bool channel_core::may_give_room() const noexcept {
    if (work_ == nullptr || work_->close.is_closing() || work_->receiver.has_ended()) return false;
    return !work_->receiver.is_reading() ||
           task_.waits();  // otherwise the last message, still in use, may occupy that memory
}

bool channel_core::wants_room() const noexcept {
    return may_give_room() && work_->receiver.wants_room(here_->spares());
}

std::span<std::byte> channel_core::room() noexcept try {
    if (!may_give_room()) return {};
    return work_->receiver.room(here_->spares());
} catch (const std::bad_alloc&) {
    return {};  // then the bytes are read into the loop's blocks
}

// Returns when the peer last made progress: progress means that it moved at least least_moved_bytes. Returns nothing
// unless the channel waits for its peer to take output or to send the rest of a message.
std::optional<time_point> channel_core::peer_moved() noexcept {
    if (below_ == nullptr) return {};
    channel_work& now = *work_;
    const bool is_to_take = now.sender.is_sending();
    const bool is_to_send = task_.waits() && now.receiver.is_reading() && !now.receiver.at_boundary();
    if (!is_to_take && !is_to_send) return {};
    const std::uint64_t untaken = now.sender.queue().size() + (is_to_take ? below_->untaken() : 0);
    const std::uint64_t moved = stats_.bytes_received + stats_.bytes_sent - std::min(stats_.bytes_sent, untaken);
    if (moved - std::min(moved, now.moved.bytes) >= least_moved_bytes || now.moved.at == time_point())
        now.moved = {moved, here_->now()};
    return now.moved.at;
}

void channel_core::evict() noexcept {
    try_step([this] { evict_now(); });
}

void channel_core::evict_now() {
    const bool is_read = task_.waits();  // so no message is in use
    const std::size_t held = work_->memory.held();
    hit(limit_kind::held_bytes);
    abort(error(errc::evicted, {}, {},
                "closed to free memory: the connections of the loop hold " + say_size(here_->budget().held_bytes()) +
                    " of " + say_size(here_->budget().limit_bytes()) + ", this one held " + say_size(held) +
                    " and its peer made no progress"));
    if (is_read) work_->receiver.drop_input();
    work_->memory.unpromise();
    count_memory();
}

}  // namespace weir::internal
