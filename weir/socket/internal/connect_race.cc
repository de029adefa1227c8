#include "weir/socket/internal/connect_race.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string>

#include "weir/socket/clock.h"
#include "weir/socket/internal/advice.h"
#include "weir/socket/internal/back_off.h"
#include "weir/socket/internal/system_error.h"
#include "weir/socket/internal/wait.h"

namespace weir::internal {
namespace {

enum class progress : std::uint8_t {
    under_way,      // the kernel reports the outcome
    waits_for_room  // the queue of a Unix socket is full; the kernel does not report room, so it is retried
};

struct attempt {
    address peer;
    socket connecting;
    progress state;
};

// Invariant: each address is in exactly one place: in `waiting_` from `next_` on, in `running_`, among the failures, or
// it is the address of the winner.
class connect_race {
public:
    connect_race(std::span<const address> peers, deadline until) : waiting_(interleaved(peers)), until_(until) {}

    race_outcome run() {
        while (!outcome_.winner.is_open() && (!running_.empty() || next_ < waiting_.size())) {
            const time_point at = now();
            // The first address is tried even if the deadline has passed: every call with a deadline tries once.
            if (next_ > 0 && until_.passed(at)) break;
            if (next_ < waiting_.size() && (running_.empty() || at >= next_start_)) {
                next_start_ = at + connection_attempt_delay;
                begin(waiting_[next_++]);
                continue;
            }
            const bool more = next_ < waiting_.size();
            await(more ? std::min(until_, deadline(next_start_)) : until_);
        }
        if (!outcome_.winner.is_open()) give_up();
        return std::move(outcome_);
    }

private:
    void begin(const address& peer) {
        auto opened = socket::open(peer.family(), socket::stream);
        if (!opened) return fail(opened.error().during("connect", peer.to_string()));
        if (const auto set = opened->set_blocking(false); !set) {
            return fail(set.error().during("connect", peer.to_string()));
        }
        const auto connected = opened->connect(peer);
        attempt made{peer, std::move(*opened), progress::under_way};
        if (connected) return win(made);
        const int number = connected.error().system_code();
        if (number == EAGAIN) {
            made.state = progress::waits_for_room;
        } else if (number != EINPROGRESS && number != EINTR) {
            return fail(connected.error());
        }
        running_.push_back(std::move(made));
    }

    // Waits for the outcome of any attempt, at most until the deadline.
    void await(deadline until) {
        std::vector<pollfd> watched;
        watched.reserve(running_.size());
        bool tries_again = false;
        for (const auto& one : running_) {
            const bool waits_for_room = one.state == progress::waits_for_room;
            tries_again |= waits_for_room;
            watched.push_back({waits_for_room ? -1 : one.connecting.fd(), POLLOUT, 0});
        }
        if (tries_again) until = std::min(until, deadline(now() + pauses_.next()));
        timespec left{};
        if (!until.is_never()) left = time_left(until, now());
        const int ready = ::ppoll(watched.data(), watched.size(), until.is_never() ? nullptr : &left, nullptr);
        if (ready < 0 && errno != EINTR) {
            const int number = errno;
            for (const auto& one : running_) fail(error_of(number, "connect", one.peer.to_string()));
            running_.clear();
        }
        for (std::size_t i = running_.size(); i-- > 0;) {
            if (ready > 0 && watched[i].revents != 0) finish(i);
            else if (running_[i].state == progress::waits_for_room) try_again(i);
        }
    }

    void try_again(std::size_t index) {
        const auto connected = running_[index].connecting.connect(running_[index].peer);
        if (!connected && connected.error().system_code() == EAGAIN) return;
        attempt one = std::move(running_[index]);
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
        if (!connected) return fail(connected.error());
        if (!outcome_.winner.is_open()) win(one);
    }

    void finish(std::size_t index) {
        attempt one = std::move(running_[index]);
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
        const auto pending = one.connecting.get(option::error);
        if (!pending) return fail(pending.error().during("connect", one.peer.to_string()));
        if (const auto& why = *pending) {
            const int number = why->system_code();
            const auto hint = advice_on_connect(number, one.connecting.fd(), one.peer);
            return fail(error_of(number, "connect", one.peer.to_string(), hint));
        }
        // Linux treats the socket as connecting until connect(2) is called once more.
        if (const auto connected = one.connecting.connect(one.peer); !connected) return fail(connected.error());
        if (!outcome_.winner.is_open()) win(one);
    }

    void win(attempt& one) {
        const auto blocking = one.connecting.set_blocking(true);
        if (!blocking) return fail(blocking.error().during("connect", one.peer.to_string()));
        outcome_.winner = std::move(one.connecting);
    }

    // Records a failure. The next address is then due at once, RFC 8305 section 5.
    void fail(error why) {
        outcome_.failures.push_back(std::move(why));
        next_start_ = time_point::min();
    }

    void give_up() {
        for (const auto& one : running_) fail(error_of(ETIME, "connect", one.peer.to_string()));
        for (; next_ < waiting_.size(); ++next_) fail(error_of(ETIME, "connect", waiting_[next_].to_string()));
    }

    std::vector<address> waiting_;
    std::size_t next_ = 0;  // the first of `waiting_` that has not started
    time_point next_start_ = time_point::min();
    std::vector<attempt> running_;
    deadline until_;
    back_off pauses_;
    race_outcome outcome_;
};

}  // namespace

std::vector<address> interleaved(std::span<const address> peers) {
    std::vector<address> first;
    std::vector<address> others;
    for (const auto& one : peers) (one.family() == peers.front().family() ? first : others).push_back(one);
    std::vector<address> made;
    for (std::size_t i = 0; i < std::max(first.size(), others.size()); ++i) {
        if (i < first.size()) made.push_back(first[i]);
        if (i < others.size()) made.push_back(others[i]);
    }
    return made;
}

error combined_error(std::string_view text, const std::vector<error>& failures) {
    if (failures.size() == 1) return failures.front();
    std::string detail = "none of " + std::to_string(failures.size()) + " addresses answered";
    for (const auto& one : failures) {
        const auto words = one.detail().empty() ? to_string(one.code()) : one.detail();
        detail.append("; ").append(one.subject()).append(": ").append(words);
    }
    return error(failures.back().code(), "connect", std::string(text), std::move(detail),
                 failures.back().system_code());
}

race_outcome race(std::span<const address> peers, deadline until) { return connect_race(peers, until).run(); }

}  // namespace weir::internal
