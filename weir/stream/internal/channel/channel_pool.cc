#include "weir/stream/internal/channel/channel_pool.h"

#include <new>
#include <utility>

#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

channel_work::channel_work(byte_budget& budget, const framing& described)
    : receiver(described), memory(*this, budget), at_turn_end(*this, &channel_core::end_turn),
      resumption(*this, &channel_core::resume_reader), closing(*this, &channel_core::finish_close) {}

void channel_work::begin(channel_core& of, const framing& described, const channel_stats& so_far) noexcept {
    core = &of;
    receiver.begin(described, so_far.bytes_received);
    counted = so_far;
}

void channel_work::recycle(spare_buffers& spares) noexcept {
    WEIR_CHECK(!resumption.is_listed() && !closing.is_listed(),
               "a channel's work is given back while something waits in it");
    at_turn_end.end();
    receiver.recycle(spares, kept_bytes);
    sender.recycle(spares);
    close = {};
    memory.release();
    memory.waits_for(byte_budget::wait::budget_alone);
    moved = {};
    counted_queue = 0;
    core = nullptr;
}

void channel_work::step::run() { (of_.core->*what_)(); }

void channel_work::memory_holder::resume() noexcept { of_.core->on_memory_available(); }
std::optional<time_point> channel_work::memory_holder::peer_moved() noexcept { return of_.core->peer_moved(); }
void channel_work::memory_holder::evict() noexcept { of_.core->evict(); }

channel_pool::channel_pool(loop& of) : here_(of), reserve_(std::make_unique<channel_work>(of.budget(), plain_)) {}

std::unique_ptr<channel_work> channel_pool::take(channel_core& by, const framing& described,
                                                 const channel_stats& so_far) noexcept {
    std::unique_ptr<channel_work> taken;
    if (spare_ != nullptr) {
        --spare_count_;
        taken = std::move(spare_);
        spare_ = std::move(taken->next_spare);
    } else {
        try {
            taken = std::make_unique<channel_work>(here_.budget(), described);
            if (waiting_ != nullptr) relieve_soon();  // there is memory again
        } catch (const std::bad_alloc&) {
            taken = std::move(reserve_);
        }
    }
    if (taken != nullptr) taken->begin(by, described, so_far);
    return taken;
}

void channel_pool::keep(std::unique_ptr<channel_work> one) noexcept {
    if (reserve_ == nullptr) {
        reserve_ = std::move(one);
        if (waiting_ != nullptr) relieve_soon();
        return;
    }
    if (spare_count_ == most_spare) return;
    ++spare_count_;
    one->next_spare = std::move(spare_);
    spare_ = std::move(one);
}

void channel_pool::forget(const framing& described) noexcept {
    for (channel_work* one = spare_.get(); one != nullptr; one = one->next_spare.get())
        one->receiver.forget(described, plain_);
    if (reserve_ != nullptr) reserve_->receiver.forget(described, plain_);
}

void channel_pool::wait_for_work(channel_core& one) noexcept {
    one.next_waiting_ = std::exchange(waiting_, &one);
    relieve_soon();
}

void channel_pool::has_work(channel_core& one) noexcept {
    channel_core** at = &waiting_;
    while (*at != &one) at = &(*at)->next_waiting_;
    *at = std::exchange(one.next_waiting_, nullptr);
}

// Gives each waiting channel a channel_work. Channels that get none try again when an object is returned or a new one
// is made.
void channel_pool::relieve() noexcept {
    while (waiting_ != nullptr) {
        channel_core& first = *waiting_;
        static_cast<void>(first.try_work());
        if (waiting_ == &first) break;
    }
    if (waiting_ != nullptr && reserve_ != nullptr) relieve_soon();
}

void channel_pool::relieve_soon() noexcept {
    if (!relief_.is_listed()) here_.make_ready(relief_);
}

}  // namespace weir::internal
