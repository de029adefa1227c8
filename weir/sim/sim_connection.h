// A connection of a simulated network: two ends, and what travels between them. Each end keeps what it was given and
// has not left, and what has arrived for it. TCP's own work is done here: order, the window, trying again, half-close,
// reset. Private.
//
//     waiting ──departs──▶ flights ──lands──▶ arrived (of the other end)
//        ▲                                        │
//        └──── room, once some was received ◀─────┘
#pragma once

#include <deque>
#include <memory>

#include "weir/base/buffer.h"
#include "weir/sim/sim_world.h"

namespace weir {

class sim_stream;

// Lives as long as a stream, an acceptor's queue or an event refers to it. Thread safety: one thread.
class sim_connection final : public std::enable_shared_from_this<sim_connection> {
public:
    enum side : unsigned char { caller, called };
    static constexpr side other(side one) noexcept { return one == caller ? called : caller; }

    sim_connection(sim_world& world, address from, address to);
    ~sim_connection();

    sim_world& world() const noexcept { return world_; }
    std::uint64_t number() const noexcept { return number_; }
    bool is_local() const noexcept { return to_.family() == address_family::local; }
    // The addresses of this end, and of the other, as the network has them.
    const address& here(side one) const noexcept { return one == caller ? from_ : to_; }

    // Who is told; null when its user has closed it, or has not accepted it yet.
    void attach(side one, sim_stream* told) noexcept { ends_[one].stream = told; }

    // What has arrived, to be taken from the front; then made_room().
    buffer& arrived(side one) noexcept { return ends_[one].arrived; }
    void made_room(side one);
    // Nothing more will arrive; how_ended() says why, once.
    bool has_ended(side one) const noexcept;
    outcome how_ended(side one);

    // Why nothing can be sent any more, or a good outcome. An error is said once.
    outcome refusal(side one);
    // How many bytes take() takes now.
    std::size_t room(side one) const noexcept;
    void take(side one, bytes_view some);
    // How many bytes that it took the other end has not received.
    std::size_t on_the_way(side one) const noexcept {
        return ends_[one].waiting.size() + ends_[one].flying_bytes + ends_[other(one)].arrived.size();
    }

    outcome shut(side one);
    // Its user is gone: what was taken is still sent, unless something was not received.
    void close(side one, bool reset);
    // Its listener closed before it was accepted: the caller is reset, also in a Unix socket.
    void turn_away();
    // Both ends are told, unless they know already: then it is false.
    bool break_apart();

    // For what a stream decided to be told later.
    void tell_readable(side one);
    void tell_writable(side one);

private:
    enum class cargo : unsigned char { segment, end, reset };
    struct flight {
        cargo what;
        bytes content;
        time_point due;
    };
    struct end {
        sim_stream* stream = nullptr;
        bool is_closed = false;  // by its user
        bool is_dead = false;    // reset, or given up
        bool end_arrived = false;
        bool end_wanted = false;  // the end of the stream follows what is waiting
        bool end_left = false;
        bool departs = false;  // an event will see what can leave
        bool lands = false;    // an event will see what has arrived at the other end
        outcome failure;       // not told yet
        buffer arrived;
        buffer waiting;
        std::deque<flight> flights;  // in order: one that is late holds up all behind it
        std::size_t flying_bytes = 0;
        duration next_try{};  // of what was lost on the way; 0: nothing was
        time_point first_lost{};
    };

    duration delay() { return is_local() ? duration() : world_.delay(); }
    std::size_t window(side from) const noexcept;
    void plan_departure(side from, duration after);
    void depart(side from);
    void launch(side from, cargo what, bytes_view content);
    void plan_landing(side from);
    void land(side from);
    void lose(side from);
    void arrive(side from, const flight& one);
    void send_reset(side from);
    void kill(side one, outcome why);
    void tell(side one);

    sim_world& world_;
    const std::uint64_t number_;
    const address from_;
    const address to_;
    end ends_[2];
};

}  // namespace weir
