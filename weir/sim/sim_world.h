// What everything in a simulated network shares: the time, what will happen, the choices, the trace, and who is where.
// It knows neither connections nor datagrams. Private.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "weir/base/choices.h"
#include "weir/loop/block_pool.h"
#include "weir/loop/outcome.h"
#include "weir/sim/asked.h"
#include "weir/sim/bindings.h"
#include "weir/sim/event_queue.h"
#include "weir/sim/network_options.h"
#include "weir/sim/trace.h"

namespace weir {

class sim_connection;
class sim_port;
struct sim_listening;

// Linux's numbers for what goes wrong, as error::system_code() has them.
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

// Thread safety: one thread, but for wake().
class sim_world {
public:
    sim_world(choices from, network_options options);
    ~sim_world();
    sim_world(const sim_world&) = delete;
    sim_world& operator=(const sim_world&) = delete;

    // Time.
    time_point now() const noexcept { return now_; }
    bool wait(deadline until);
    void wake() noexcept { awake_ = true; }
    // Happens in a wait, so long from now; what is to happen at once comes behind all that is due now.
    void later(duration after, std::function<void()> what) { events_.add(weir::later(now_, after), std::move(what)); }

    // Choices.
    choices& draw() noexcept { return draw_; }
    duration delay();
    // How much of it: all of it is the simplest, and at least 1.
    std::size_t part_of(std::size_t whole);
    // Also nothing at all.
    std::size_t part_or_none(std::size_t whole);
    // A fault of which there is one in so many.
    bool strikes(std::uint64_t one_in) { return one_in != 0 && draw_.one_in(one_in); }

    // Telling the user of a stream, who must not close one before it returns: check_may_close() refuses that.
    template <class Call>
    void tell(Call call) {
        told_ = true;
        ++telling_;
        call();
        --telling_;
    }
    void check_may_close() const {
        WEIR_CHECK(telling_ == 0,
                   "a stream was closed from within a call that told a stream's user: leave that to the loop");
    }
    // Another user was told: the wait ends.
    void has_told() noexcept { told_ = true; }

    void note(happening what, std::uint64_t number, bytes_view content = {}) noexcept {
        trace_.note(now_, what, number, content);
    }
    std::uint64_t trace_hash() const noexcept { return trace_.hash(); }
    std::uint64_t next_number() noexcept { return ++numbers_; }

    // False when there is none left.
    bool take_descriptor() noexcept;
    void give_descriptor() noexcept { --counts.descriptors; }

    void cut(const address& one, const address& other, bool apart);
    bool is_cut(const address& one, const address& other) const;
    bool is_unreachable(const address& host) const;
    // The next port that nobody has bound on this host.
    template <class Owner>
    address with_free_port(const address& here, const bindings<Owner>& taken) {
        for (int tries = 0; tries < 28'232; ++tries) {
            const address one = here.with_port(next_port());
            if (taken.is_free(one, false)) return one;
        }
        return here;
    }

    const network_options options;
    sim_counts counts;
    block_pool blocks;
    bindings<std::shared_ptr<sim_listening>> listeners;
    bindings<sim_port*> ports;
    std::set<std::string> paths;                           // Unix paths that were bound once: the file is still there
    std::map<std::uint64_t, sim_connection*> connections;  // by number
    address calls_from;

private:
    std::uint16_t next_port() noexcept;
    std::string what_hangs() const;

    choices draw_;
    event_queue events_;
    trace trace_;
    time_point now_{std::chrono::seconds(1)};
    std::atomic<bool> awake_ = false;
    bool told_ = false;
    int telling_ = 0;
    std::uint64_t numbers_ = 0;
    std::uint16_t last_port_ = 32'767;
    std::set<std::pair<address, address>> cuts_;
};

}  // namespace weir
