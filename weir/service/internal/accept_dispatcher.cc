#include "weir/service/internal/accept_dispatcher.h"

#include <algorithm>
#include <new>
#include <utility>

#include "weir/socket/option.h"

namespace weir::internal {
namespace {

void reset(socket& one) noexcept try {
    static_cast<void>(one.set(option::linger, std::optional<duration>(duration::zero())));
    static_cast<void>(one.close());
} catch (const std::bad_alloc&) {
    return;  // no memory for the error of a failed call; the destructor closes the socket
}

}  // namespace

accept_dispatcher::shared_target accept_dispatcher::join(const loop& here, std::optional<std::size_t> most,
                                                         std::function<void()> wake) {
    const shared_target made(new target(here.from_elsewhere(), most, std::move(wake)));
    const std::scoped_lock locked(lock_);
    targets_.push_back(made);
    return made;
}

void accept_dispatcher::leave(target& one) noexcept {
    std::list<accepted> unassigned;
    {
        const std::scoped_lock locked(lock_);
        std::erase_if(targets_, [&](const shared_target& each) { return each.get() == &one; });
        unassigned.swap(one.waiting_);
    }
    one.wake_ = nullptr;
    for (auto& each : unassigned) reset(each.connection);
}

std::size_t accept_dispatcher::size() const noexcept {
    const std::scoped_lock locked(lock_);
    return targets_.size();
}

// Returns the index of the next server in turn; empty when all servers are full.
std::optional<std::size_t> accept_dispatcher::next() const noexcept {
    std::optional<std::size_t> fewest;
    for (const auto& each : targets_) {
        if (has_room(*each) && (!fewest || each->open_ < *fewest)) fewest = each->open_;
    }
    if (!fewest) return {};
    const std::size_t most = *fewest + most_apart + *fewest / 16;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        const std::size_t place = (turn_ + i) % targets_.size();
        if (has_room(*targets_[place]) && targets_[place]->open_ <= most) return place;
    }
    return {};
}

bool accept_dispatcher::waits_for_room(const shared_target& accepting) {
    {
        const std::scoped_lock locked(lock_);
        accepting->waits_for_end_ = false;
        if (next()) return false;
    }
    auto posted = wake_of(accepting);
    const std::scoped_lock locked(lock_);
    accepting->waits_for_end_ = !next();
    if (accepting->waits_for_end_) std::swap(accepting->wake_at_end_, posted);
    return accepting->waits_for_end_;
}

void accept_dispatcher::wake_at_end(const shared_target& accepting) {
    auto posted = wake_of(accepting);
    const std::scoped_lock locked(lock_);
    accepting->waits_for_end_ = true;
    std::swap(accepting->wake_at_end_, posted);
}

std::optional<accept_dispatcher::accepted> accept_dispatcher::assign(accepted one, const target& accepting) {
    std::list<accepted> entry;  // allocated before anything is counted
    entry.push_back(std::move(one));
    shared_target gets;
    {
        const std::scoped_lock locked(lock_);
        const auto place = next();
        if (!place) {
            reset(entry.front().connection);
            return {};
        }
        turn_ = *place + 1;
        gets = targets_[*place];
        ++gets->open_;
        if (gets.get() == &accepting) return std::move(entry.front());
        gets->waiting_.splice(gets->waiting_.end(), entry);
        if (std::exchange(gets->is_waking_, true)) return {};
    }
    try {
        gets->where_.post(wake_of(gets));
    } catch (const std::bad_alloc&) {
        reset_waiting(*gets);
        throw;
    }
    return {};
}

std::optional<accept_dispatcher::accepted> accept_dispatcher::take(target& mine) {
    const std::scoped_lock locked(lock_);
    if (mine.waiting_.empty()) return {};
    accepted first = std::move(mine.waiting_.front());
    mine.waiting_.pop_front();
    return first;
}

void accept_dispatcher::ended(target& mine) noexcept {
    shared_target accepting;
    remote::prepared posted;
    {
        const std::scoped_lock locked(lock_);
        --mine.open_;
        for (const auto& each : targets_) {
            if (!std::exchange(each->waits_for_end_, false) || std::exchange(each->is_waking_, true)) continue;
            accepting = each;
            std::swap(posted, each->wake_at_end_);
        }
    }
    if (accepting != nullptr) accepting->where_.post(std::move(posted));
}

// is_waking_ prevents a second post until this one has run.
remote::prepared accept_dispatcher::wake_of(const shared_target& one) {
    return remote::prepare([dispatcher = weak_from_this(), wake = std::weak_ptr(one)] {
        const auto all = dispatcher.lock();
        const auto mine = wake.lock();
        if (all == nullptr || mine == nullptr) return;
        {
            const std::scoped_lock locked(all->lock_);
            mine->is_waking_ = false;
        }
        if (mine->wake_) mine->wake_();
    });
}

// Resets the connections that wait for a server that cannot be woken.
void accept_dispatcher::reset_waiting(target& one) noexcept {
    std::list<accepted> unassigned;
    {
        const std::scoped_lock locked(lock_);
        one.is_waking_ = false;
        one.open_ -= one.waiting_.size();
        unassigned.swap(one.waiting_);
    }
    for (auto& each : unassigned) reset(each.connection);
}

}  // namespace weir::internal
