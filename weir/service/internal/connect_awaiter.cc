#include "weir/service/internal/connect_awaiter.h"

#include <new>

#include "weir/socket/internal/connect_race.h"

namespace weir::internal {

connect_awaiter::connect_awaiter(std::string text, std::vector<address> peers, deadline until)
    : here_(loop::current()), text_(std::move(text)), peers_(interleaved(peers)), until_(until) {
    begun_.reserve(peers_.size());
    failures_.reserve(peers_.size());
}

connect_awaiter::~connect_awaiter() { take_back(); }

// Begins attempts, address by address, until one is in progress or no address is left.
void connect_awaiter::begin_next() noexcept try {
    while (begun_.size() < peers_.size()) {
        const address& peer = peers_[begun_.size()];
        begun_.push_back(std::make_unique<contender>(*this, peer));
        contender& one = *begun_.back();
        auto begun = here_.backend().connect(peer, one);
        if (begun) {
            one.in_progress = std::move(*begun);
            next_start_ = later(here_.now(), connection_attempt_delay);
            return;
        }
        one.has_ended = true;
        fail(begun.error());
    }
} catch (const std::bad_alloc&) {
    lacks_memory_ = true;
}

void connect_awaiter::begin() noexcept {
    begin_next();
    try {
        set(until_);
    } catch (const std::bad_alloc&) {
        lacks_memory_ = true;
    }
    complete_if_over();
}

// Completes if the race is over. Otherwise sets the timer for the next attempt.
void connect_awaiter::complete_if_over() noexcept {
    try {
        if (!is_over() && begun_.size() < peers_.size()) here_.timers().set(next_attempt_, next_start_);
    } catch (const std::bad_alloc&) {
        lacks_memory_ = true;
    }
    if (!is_over()) return;
    unset();
    next_attempt_.unset();
    if (!std::exchange(has_completed_, true)) complete();
}

void connect_awaiter::next_attempt::expire() {
    if (!race.until_.passed(race.here_.now())) race.begin_next();
    race.complete_if_over();
}

void connect_awaiter::overdue() try {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (i >= begun_.size() || !begun_[i]->has_ended) fail(error(errc::timed_out, "connect", peers_[i].to_string()));
    }
    begun_.clear();
    complete_if_over();
} catch (const std::bad_alloc&) {
    lacks_memory_ = true;
    complete_if_over();
}

void connect_awaiter::ended(contender& one, outcome how, owned_stream made) noexcept {
    one.has_ended = true;
    if (winner_ != nullptr) return;
    if (how.good()) {
        winner_ = std::move(made);
    } else {
        try {
            fail(how.during("connect", one.peer.to_string()));
        } catch (const std::bad_alloc&) {
            lacks_memory_ = true;
        }
        next_start_ = here_.now();  // the next attempt begins at once
    }
    complete_if_over();
}

void connect_awaiter::fail(error why) { failures_.push_back(std::move(why)); }

void connect_awaiter::abandon() noexcept {
    unset();
    next_attempt_.unset();
    begun_.clear();
}

result<owned_stream> connect_awaiter::await_resume() {
    begun_.clear();
    if (is_cancelled()) return error(errc::cancelled, "connect", text_);
    if (winner_ != nullptr) return std::move(winner_);
    if (lacks_memory_) return error(errc::no_memory);
    return combined_error(text_, failures_);
}

}  // namespace weir::internal
