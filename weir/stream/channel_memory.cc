// The memory of a channel: what it holds, what a message may still become, and what the loop's budget says to that.
#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "weir/base/text.h"
#include "weir/loop/block_pool.h"
#include "weir/stream/channel_core.h"

namespace weir {

std::size_t channel_core::held_bytes() const noexcept {
    return work_ == nullptr ? 0
                            : work_->input.capacity() + decoder_memory::allocated(work_->decoding) +
                                  work_->outgoing.capacity() + work_->sending_memory;
}

// What the budget counts.
std::size_t channel_core::memory() const noexcept {
    return work_->input.capacity() + decoder_memory::allocated(work_->decoding) + work_->sending_memory +
           (work_->sending.is_sending() ? work_->outgoing.capacity() : 0);
}

void channel_core::count_memory() noexcept { work_->held.hold(memory()); }

// What it may hold when the message that has begun is whole and was answered with as much: its size as announced, or
// else as allowed.
std::size_t channel_core::may_become() const {
    const decoder& decoding = work_->decoding;
    const std::size_t limit = here_->budget().limit_bytes();
    if (limit == SIZE_MAX) return 0;  // there is none
    const std::size_t held = decoder_memory::held(decoding);
    const std::uint64_t missing = decoder_memory::missing(decoding);
    std::uint64_t message = held + missing;
    if (missing == 0 && held > byte_budget::always_bytes / 4) message = described().limit();
    if (message > limit) message = limit;  // sums do not overflow
    const std::size_t queued = work_->sending_memory + (work_->sending.is_sending() ? work_->outgoing.capacity() : 0);
    return std::min(limit, queued + with_its_answer(static_cast<std::size_t>(message)));
}

// Memory grows in steps. Stuffed bytes are kept twice, as they came and as they are meant.
std::size_t channel_core::with_its_answer(std::size_t message_bytes) const noexcept {
    const std::size_t copies = described().machine().stuffs() ? 4 : 2;
    return copies * (message_bytes + std::min(message_bytes, kept_bytes));
}

// False: it waits for memory_came(), or has ended because the message fits into no memory.
bool channel_core::may_receive() {
    channel_work& now = *work_;
    const byte_budget& budget = here_->budget();
    if (now.decoding.at_boundary()) {
        if (now.has_no_line()) now.held.unpromise();  // else the first sender waits for room, or uses it next
        if (budget.is_over()) here_->spares().drop();
        if (!budget.is_over()) return true;
        now.torn_bytes = 0;  // no large place for the next message, of which nothing is known
        decoder_memory::trim(now.decoding);
        flush();  // whether its peer takes what was sent
        count_memory();
        return now.held.held() == 0 || now.held.may_hold(now.held.held() + block_pool::bytes_of(0));
    }
    const std::uint64_t message = decoder_memory::held(now.decoding) + decoder_memory::missing(now.decoding);
    if (message > budget.limit_bytes()) {
        end(error(errc::too_large, {}, {},
                  "a message of " + say_size(message) + " does not fit into the " + say_size(budget.limit_bytes()) +
                      " that the connections of a loop may hold (held_bytes_of_a_loop)"));
        return false;
    }
    return now.held.may_hold(may_become());
}

bool channel_core::may_queue(std::size_t payload_bytes) noexcept {
    channel_work& now = *work_;
    const std::size_t queued = now.sending_memory + now.outgoing.size() + payload_bytes + header_room;
    const bool is_reserved = queued <= now.held.promised() / 2;  // as for an answer as large as what it answers
    return is_reserved || now.held.may_hold(now.input.capacity() + decoder_memory::allocated(now.decoding) + queued);
}

// Receives, or sends, what waited for it.
void channel_core::memory_came() noexcept {
    if (!work_->at_turn_end.is_listed()) here_->make_ready(work_->at_turn_end);
}

void channel_core::fit_memory() {
    decoder& decoding = work_->decoding;
    const std::size_t held = decoder_memory::held(decoding);
    const auto missing = static_cast<std::size_t>(decoder_memory::missing(decoding));
    const std::size_t allocated = decoder_memory::allocated(decoding);
    // Where only the end tells how long it is, it may be as much again; and what there is goes on until it is nearly
    // full.
    const std::size_t wanted = held + (missing != 0 ? missing : held);
    const std::size_t needed = missing != 0 ? wanted : held + std::min(held, decoder_memory::least_room);
    // Divided, because a peer may announce nearly 2^64 bytes.
    const bool is_much = allocated > kept_bytes && allocated / most_part > wanted;
    const bool is_little = held + missing > kept_bytes && allocated < needed;
    if (!is_much && !is_little) return;
    buffer other;
    if (wanted != 0) other = here_->spares().take(wanted);
    if (is_much || other.capacity() >= wanted) {
        decoder_memory::swap(decoding, other);
    } else if (held != 0 && wanted <= 4 * held) {
        decoder_memory::prepare(decoding, wanted - held);
    }
    here_->spares().keep(other);
    if (is_much) decoder_memory::trim(decoding, kept_bytes);
}

// After a large message the next one is, and has its place from the beginning.
std::span<std::byte> channel_core::room() noexcept try {
    if (work_ == nullptr || !work_->closing.is_open() || has_ended()) return {};
    if (is_reading() && !waits()) return {};  // a message may be lent where the next one would be collected
    if (work_->torn_bytes != 0 && decoder_memory::allocated(work_->decoding) == 0) {
        buffer other = here_->spares().take(work_->torn_bytes + kept_bytes);  // it may be a little longer
        if (other.capacity() == 0) other = here_->spares().take(work_->torn_bytes);
        decoder_memory::swap(work_->decoding, other);
    }
    return decoder_memory::room(work_->decoding, work_->torn_bytes);
} catch (const std::bad_alloc&) {
    return {};  // it comes in blocks, and where there are none it ends
}

// Only while the peer is what it waits for: to take what is sent, or to send the rest of a message. A byte now and then
// is no progress.
std::optional<time_point> channel_core::peer_moved() noexcept {
    if (below_ == nullptr) return {};
    const bool is_to_take = work_->sending.is_sending();
    const bool is_to_send = waits() && is_reading() && !work_->decoding.at_boundary();
    if (!is_to_take && !is_to_send) return {};
    const std::uint64_t untaken = is_to_take ? below_->untaken() + work_->outgoing.size() : work_->outgoing.size();
    const std::uint64_t moved = stats_.bytes_received + stats_.bytes_sent - std::min(stats_.bytes_sent, untaken);
    if (moved - std::min(moved, work_->moved_then) >= least_moved_bytes || work_->moved_at == time_point()) {
        work_->moved_then = moved;
        work_->moved_at = here_->now();
    }
    return work_->moved_at;
}

void channel_core::evict() noexcept {
    survive([this] { evict_now(); });
}

void channel_core::evict_now() {
    const bool is_read = waits();  // nobody has a view of what came
    const std::size_t held = work_->held.held();
    abort(error(errc::evicted, {}, {},
                "closed to free memory: the connections of the loop hold " + say_size(here_->budget().held_bytes()) +
                    " of " + say_size(here_->budget().limit_bytes()) + ", this one held " + say_size(held) +
                    " and its peer stood still"));
    if (is_read) {
        work_->input.give_back();
        work_->decoding.reset();
    }
    work_->held.unpromise();
    count_memory();
}

}  // namespace weir
