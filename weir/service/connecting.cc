#include "weir/service/connecting.h"

#include <new>

#include "weir/socket/connect_race.h"

namespace weir::internal {

connecting::connecting(std::string text, std::vector<address> peers, deadline until)
    : here_(loop::current()), text_(std::move(text)), peers_(interleaved(peers)), until_(until) {
    begun_.reserve(peers_.size());
    failures_.reserve(peers_.size());
}

connecting::~connecting() { take_back(); }

// Begins one address after another until one is on its way, or there is none left.
void connecting::begin_next() noexcept try {
    while (begun_.size() < peers_.size()) {
        const address& peer = peers_[begun_.size()];
        begun_.push_back(std::make_unique<contender>(*this, peer));
        contender& one = *begun_.back();
        auto begun = here_.world().connect(peer, one);
        if (begun) {
            one.going_on = std::move(*begun);
            next_start_ = later(here_.now(), connection_attempt_delay);
            return;
        }
        one.has_ended = true;
        fail(begun.error());
    }
} catch (const std::bad_alloc&) {
    lacks_memory_ = true;
}

void connecting::set_clock() noexcept try {
    if (is_over()) {
        unset();
        if (!std::exchange(has_completed_, true)) complete();
        return;
    }
    deadline next = until_;
    if (begun_.size() < peers_.size()) next = std::min(next, deadline(next_start_));
    if (!next.is_never()) here_.timers().set(*this, next.at());
} catch (const std::bad_alloc&) {
    lacks_memory_ = true;
    if (!std::exchange(has_completed_, true)) complete();
}

void connecting::expire() try {
    if (until_.passed(here_.told_until())) {
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            if (i >= begun_.size() || !begun_[i]->has_ended)
                fail(error(errc::timed_out, "connect", peers_[i].to_string()));
        }
        begun_.clear();
    } else if (!until_.passed(here_.now())) {
        begin_next();
    }
    set_clock();
} catch (const std::bad_alloc&) {
    lacks_memory_ = true;
    set_clock();
}

void connecting::ended(contender& one, outcome how, owned_stream made) noexcept {
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
        next_start_ = here_.now();  // the next one need not wait
    }
    set_clock();
}

void connecting::fail(error why) { failures_.push_back(std::move(why)); }

void connecting::abandon() noexcept {
    unset();
    begun_.clear();
}

result<owned_stream> connecting::await_resume() {
    begun_.clear();
    if (is_cancelled()) return error(errc::cancelled, "connect", text_);
    if (winner_ != nullptr) return std::move(winner_);
    if (lacks_memory_) return error(errc::no_memory);
    return combined_error(text_, failures_);
}

}  // namespace weir::internal
