// What all parts of a simulated network share: the time, the future events, the choices, the trace, and the bindings.
// This class does not depend on connections and datagrams. Private.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "weir/base/choices.h"
#include "weir/loop/loop_memory.h"
#include "weir/loop/outcome.h"
#include "weir/sim/bindings.h"
#include "weir/sim/event_queue.h"
#include "weir/sim/network_options.h"
#include "weir/sim/pending_operation.h"
#include "weir/sim/trace.h"

namespace weir::sim::internal {

class connection;
class port;
struct listener;

// Linux's error numbers, as error::system_code() returns them.
namespace linux_errno {
inline constexpr outcome would_block{errc::would_block, 11};
inline constexpr outcome not_found{errc::not_found, 2};
inline constexpr outcome invalid{errc::invalid, 22};
inline constexpr outcome no_descriptors{errc::no_descriptors, 24};
inline constexpr outcome broken_pipe{errc::broken_pipe, 32};
inline constexpr outcome needs_address{errc::invalid, 89};
inline constexpr outcome too_large{errc::too_large, 90};
inline constexpr outcome no_family{errc::unsupported, 97};
inline constexpr outcome in_use{errc::in_use, 98};
inline constexpr outcome reset{errc::reset, 104};
inline constexpr outcome not_connected{errc::not_connected, 107};
inline constexpr outcome timed_out{errc::timed_out, 110};
inline constexpr outcome refused{errc::refused, 111};
inline constexpr outcome unreachable{errc::unreachable, 113};
}  // namespace linux_errno

// Thread safety: one thread, except for wake().
class simulation {
public:
    simulation(choices from, network_options options, loop_memory& memory);
    ~simulation();
    simulation(const simulation&) = delete;
    simulation& operator=(const simulation&) = delete;

    // Time.
    time_point now() const noexcept { return now_; }
    bool wait(deadline until);
    void wake() noexcept { awake_ = true; }
    // Calls `what` during a wait, when the time `after` has passed. With zero, calls it after all events that are due
    // now.
    void later(duration after, std::function<void()> what) { events_.add(weir::later(now_, after), std::move(what)); }

    // Choices.
    choices& draw() noexcept { return draw_; }
    duration delay();
    // Returns a part of `whole`, at least 1. The simplest choice is the whole.
    std::size_t part_of(std::size_t whole);
    // Returns a part as part_of() does, or 0.
    std::size_t part_or_none(std::size_t whole);
    // Decides whether a fault occurs: on average in one of `one_in` calls; 0: never.
    bool fault_occurs(std::uint64_t one_in) { return one_in != 0 && draw_.one_in(one_in); }

    // Notifies the user of a stream. The user must not close a stream in this call: check_may_close() fails then.
    template <class Call>
    void notify(Call call) {
        has_notified_ = true;
        ++notifying_;
        call();
        --notifying_;
    }
    void check_may_close() const {
        WEIR_CHECK(notifying_ == 0,
                   "a stream was closed from within on_received() or on_sent(): let the loop do that later");
    }
    // Records that a user other than that of a stream was notified, so that the wait ends.
    void user_notified() noexcept { has_notified_ = true; }

    void note(trace_event what, std::uint64_t number, bytes_view content = {}) noexcept {
        trace_.note(now_, what, number, content);
    }
    std::uint64_t trace_hash() const noexcept { return trace_.hash(); }
    std::uint64_t next_number() noexcept { return ++numbers_; }

    // Returns false when most_descriptors are open.
    bool take_descriptor() noexcept;
    void release_descriptor() noexcept { --counts.descriptors; }

    void partition(const address& one, const address& other);
    void heal(const address& one, const address& other);
    bool is_partitioned(const address& one, const address& other) const;
    bool is_unreachable(const address& host) const;
    // Returns `here` with the next free port; unchanged if no port is free.
    template <class Owner>
    address with_free_port(const address& here, const bindings<Owner>& taken) {
        for (int tries = 0; tries < 28'232; ++tries) {
            const address one = here.with_port(next_port());
            if (taken.is_free(one, false)) return one;
        }
        return here;
    }

    const network_options options;
    operation_counts counts;
    loop_memory& memory;
    bindings<std::shared_ptr<listener>> listeners;
    bindings<port*> ports;
    std::set<std::string> paths;                       // Unix paths that were bound before: their files still exist
    std::map<std::uint64_t, connection*> connections;  // by number
    address connects_from;

private:
    std::uint16_t next_port() noexcept;
    std::string deadlock_report() const;

    choices draw_;
    event_queue events_;
    trace trace_;
    time_point now_{std::chrono::seconds(1)};
    std::atomic<bool> awake_ = false;
    bool has_notified_ = false;
    int notifying_ = 0;
    std::uint64_t numbers_ = 0;
    std::uint16_t last_port_ = 32'767;
    std::set<std::pair<address, address>> partitions_;
};

}  // namespace weir::sim::internal
