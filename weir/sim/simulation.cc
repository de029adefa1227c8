#include "weir/sim/simulation.h"

#include <algorithm>

#include "weir/base/check.h"
#include "weir/sim/names.h"

namespace weir::sim::internal {
namespace {

constexpr std::size_t few = 16;  // up to this size each split point is equally likely

// Returns the two hosts as a pair, which is the same for either order of the arguments.
std::pair<address, address> hosts_of(const address& one, const address& other) {
    const address a = host_of(one);
    const address b = host_of(other);
    return {std::min(a, b), std::max(a, b)};
}

}  // namespace

simulation::simulation(choices from, network_options how, loop_memory& of_the_loop)
    : options(std::move(how)), memory(of_the_loop), draw_(std::move(from)) {
    WEIR_CHECK(options.send_buffer_bytes > 0 && options.receive_buffer_bytes > 0 && options.most_segment_bytes > 0,
               "a simulated network needs buffers and segments of at least one byte");
    WEIR_CHECK(options.delay_steps > 0 && options.least_delay.count() >= 0 && options.least_delay <= options.most_delay,
               "least_delay must be between 0 and most_delay, and delay_steps at least 1");
}

simulation::~simulation() {
    WEIR_CHECK(counts.descriptors == 0, std::to_string(counts.descriptors) +
                                            " listeners, streams, attempts or ports outlive their simulated network");
}

bool simulation::wait(deadline until) {
    bool done = awake_.exchange(false);
    has_notified_ = false;
    while (!events_.empty()) {
        if (events_.next() > now_) {
            if (done || has_notified_ || events_.next() > until.at()) break;
            now_ = events_.next();
        } else if (has_notified_ && draw_.flip()) {
            break;  // the next wait handles the other events that are due
        }
        events_.take()();
        done = done || awake_;
    }
    awake_ = false;
    if (done || has_notified_) return events_.empty() || events_.next() > now_;
    WEIR_CHECK(!until.is_never(), deadlock_report());
    now_ = std::max(now_, until.at());
    return true;
}

std::string simulation::deadlock_report() const {
    const auto say = [](std::size_t count, const char* what) { return std::to_string(count) + what; };
    return "this program waits forever: no timer is set, and nothing will happen in its simulated network, where " +
           say(counts.receives, " receives, ") + say(counts.sends, " sends, ") + say(counts.accepts, " accepts, ") +
           say(counts.attempts, " connects and ") + say(counts.datagrams, " receives of datagrams are waiting, and ") +
           say(counts.descriptors, " descriptors are open");
}

duration simulation::delay() {
    if (options.delay_steps == 1) return options.least_delay;
    const auto step = static_cast<duration::rep>(draw_.below(options.delay_steps));
    const duration width = options.most_delay - options.least_delay;
    return options.least_delay + width / static_cast<duration::rep>(options.delay_steps - 1) * step;
}

// For a small `whole` all sizes are equally likely. For a large one, sizes near 1 and near `whole` are more likely than
// others.
std::size_t simulation::part_of(std::size_t whole) {
    if (whole <= 1) return whole;
    if (whole <= few) return whole - static_cast<std::size_t>(draw_.below(whole));
    switch (draw_.below(4)) {
        case 0: return whole;
        case 1: return whole - static_cast<std::size_t>(draw_.below(few));
        case 2: return 1 + static_cast<std::size_t>(draw_.below(few));
        default: return whole - static_cast<std::size_t>(draw_.below(whole));
    }
}

std::size_t simulation::part_or_none(std::size_t whole) {
    if (whole == 0) return 0;
    if (whole <= few) return whole - static_cast<std::size_t>(draw_.below(whole + 1));
    return draw_.below(4) == 3 ? 0 : part_of(whole);
}

bool simulation::take_descriptor() noexcept {
    if (counts.descriptors >= options.most_descriptors) return false;
    ++counts.descriptors;
    return true;
}

void simulation::partition(const address& one, const address& other) { partitions_.insert(hosts_of(one, other)); }

void simulation::heal(const address& one, const address& other) { partitions_.erase(hosts_of(one, other)); }

bool simulation::is_partitioned(const address& one, const address& other) const {
    return !partitions_.empty() && partitions_.contains(hosts_of(one, other));
}

bool simulation::is_unreachable(const address& host) const {
    return std::any_of(options.unreachable.begin(), options.unreachable.end(),
                       [&](const address& one) { return host_of(one) == host_of(host); });
}

// Uses the default range of Linux, see ip_local_port_range in ip(7).
std::uint16_t simulation::next_port() noexcept {
    last_port_ = last_port_ >= 60'999 ? std::uint16_t{32'768} : static_cast<std::uint16_t>(last_port_ + 1);
    return last_port_;
}

}  // namespace weir::sim::internal
