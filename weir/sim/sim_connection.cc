#include "weir/sim/sim_connection.h"

#include <algorithm>

#include "weir/sim/sim_stream.h"

namespace weir {

sim_connection::sim_connection(sim_world& world, address from, address to)
    : world_(world), number_(world.next_number()), from_(std::move(from)), to_(std::move(to)) {
    world_.connections.emplace(number_, this);
}

sim_connection::~sim_connection() { world_.connections.erase(number_); }

std::size_t sim_connection::room(side one) const noexcept {
    return world_.options.send_buffer_bytes - ends_[one].waiting.size();
}

void sim_connection::take(side one, bytes_view some) {
    ends_[one].waiting.append(some);
    world_.note(happening::sent, number_ * 2 + one, some);
    plan_departure(one, {});
}

void sim_connection::made_room(side one) {
    // The other end hears of it by an acknowledgement, which takes its time.
    plan_departure(other(one), is_local() ? duration() : world_.options.least_delay);
}

// Of what is on its way and what was not received: TCP's receive window.
std::size_t sim_connection::window(side from) const noexcept {
    const std::size_t held = ends_[from].flying_bytes + ends_[other(from)].arrived.size();
    return world_.options.receive_buffer_bytes - std::min(held, world_.options.receive_buffer_bytes);
}

// In an event of its own, so that what is sent in one turn may leave in one segment.
void sim_connection::plan_departure(side from, duration after) {
    end& mine = ends_[from];
    const bool bytes_leave = !mine.waiting.empty() && window(from) != 0;
    const bool end_leaves = mine.waiting.empty() && mine.end_wanted && !mine.end_left;
    if (mine.departs || mine.is_dead || !(bytes_leave || end_leaves)) return;
    mine.departs = true;
    world_.later(after, [self = shared_from_this(), from] { self->depart(from); });
}

void sim_connection::depart(side from) {
    end& mine = ends_[from];
    mine.departs = false;
    if (mine.is_dead) return;
    while (const std::size_t most = std::min({mine.waiting.size(), window(from), world_.options.most_segment_bytes})) {
        if (!is_local() && world_.strikes(world_.options.reset_one_in)) {
            break_apart();
            return;
        }
        const std::size_t size = world_.part_of(most);
        launch(from, cargo::segment, mine.waiting.view().first(size));
        mine.waiting.consume(size);
    }
    if (mine.waiting.empty() && mine.end_wanted && !mine.end_left) {
        mine.end_left = true;
        launch(from, cargo::end, {});
    }
    tell_writable(from);
}

void sim_connection::launch(side from, cargo what, bytes_view content) {
    end& mine = ends_[from];
    mine.flights.push_back({what, content, world_.now() + delay()});
    mine.flying_bytes += content.size();
    world_.note(happening::departed, number_ * 2 + from, content);
    plan_landing(from);
}

void sim_connection::plan_landing(side from) {
    end& mine = ends_[from];
    if (mine.lands || mine.flights.empty()) return;
    mine.lands = true;
    const duration after = std::max(mine.flights.front().due - world_.now(), mine.next_try);
    world_.later(std::max(after, duration()), [self = shared_from_this(), from] { self->land(from); });
}

void sim_connection::land(side from) {
    end& mine = ends_[from];
    mine.lands = false;
    if (world_.is_cut(from_, to_)) return lose(from);
    mine.next_try = {};
    while (!mine.flights.empty() && mine.flights.front().due <= world_.now()) {
        const flight one = std::move(mine.flights.front());
        mine.flights.pop_front();
        mine.flying_bytes -= one.content.size();
        arrive(from, one);
    }
    plan_landing(from);
    tell(other(from));
}

// Nothing gets through: it is sent again, each time after twice the time, RFC 6298. But nobody repeats a reset.
void sim_connection::lose(side from) {
    end& mine = ends_[from];
    std::erase_if(mine.flights, [](const flight& one) { return one.what == cargo::reset; });
    if (mine.flights.empty()) return;
    if (mine.next_try == duration()) {
        mine.first_lost = world_.now();
        mine.next_try = std::chrono::milliseconds(200);
    } else if (world_.now() - mine.first_lost >= world_.options.send_patience) {
        kill(from, linux_errno::timed_out);
        return tell(from);
    } else {
        mine.next_try = std::min<duration>(mine.next_try * 2, std::chrono::seconds(120));
    }
    plan_landing(from);
}

void sim_connection::arrive(side from, const flight& one) {
    const side to = other(from);
    end& theirs = ends_[to];
    if (one.what == cargo::reset) {
        world_.note(happening::reset, number_ * 2 + to);
        return kill(to, theirs.end_arrived && !is_local() ? linux_errno::broken_pipe : linux_errno::reset);
    }
    if (theirs.is_dead) return send_reset(to);
    if (one.what == cargo::end) {
        world_.note(happening::ended, number_ * 2 + to);
        theirs.end_arrived = true;
        return;
    }
    if (theirs.is_closed) return send_reset(to);
    world_.note(happening::arrived, number_ * 2 + to, one.content);
    theirs.arrived.append(one.content);
}

// In the order in which epoll(7) looks: what can be received, then what can be sent.
void sim_connection::tell(side one) {
    tell_readable(one);
    if (ends_[one].is_dead || is_local()) tell_writable(one);
}

void sim_connection::tell_readable(side one) {
    if (ends_[one].stream != nullptr) ends_[one].stream->readable();
}

void sim_connection::tell_writable(side one) {
    if (ends_[one].stream != nullptr) ends_[one].stream->writable();
}

}  // namespace weir
