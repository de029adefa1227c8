#include "weir/sim/sim_acceptor.h"

#include "weir/sim/names.h"
#include "weir/sim/sim_attempt.h"
#include "weir/sim/sim_stream.h"

namespace weir {

sim_acceptor::sim_acceptor(sim_world& world, std::shared_ptr<sim_listening> listening)
    : world_(world), listening_(std::move(listening)), asked_(world.counts.accepts) {
    listening_->owner = this;
}

sim_acceptor::~sim_acceptor() { world_.give_descriptor(); }

std::optional<accepted_connection> sim_acceptor::accept() {
    WEIR_CHECK(!is_telling_, "an acceptor was asked for more from within the call that told its user");
    WEIR_CHECK(!asked_, "an acceptor was asked for more while an accept was on its way");
    if (!listening_->queue.empty()) {
        if (!world_.draw().flip()) return first_in_queue();
        world_.later({}, [listening = listening_] {
            if (listening->owner != nullptr) listening->owner->arrived();
        });
    }
    asked_.begin();
    return {};
}

void sim_acceptor::arrived() {
    if (!asked_ || listening_->queue.empty()) return;
    asked_.end();
    world_.has_told();
    is_telling_ = true;
    told().accepted(first_in_queue());
    is_telling_ = false;
}

accepted_connection sim_acceptor::first_in_queue() {
    if (!world_.take_descriptor()) return {linux_errno::no_descriptors, {}, {}};
    const auto connection = std::move(listening_->queue.front());
    listening_->queue.pop_front();
    world_.note(happening::accepted, connection->number());
    if (!listening_->line.empty()) world_.later({}, [listening = listening_] { knock_next(*listening); });
    owned_stream made = open_end(connection, sim_connection::called, listening_->here);
    address peer = made->peer_address();
    return {{}, std::move(made), std::move(peer)};
}

void sim_acceptor::close() noexcept {
    WEIR_CHECK(!is_telling_, "an acceptor was closed from within the call that told its user");
    listening_->owner = nullptr;
    world_.listeners.remove(listening_);
    for (const auto& connection : listening_->queue) connection->turn_away();
    listening_->queue.clear();
    for (auto& call : listening_->line) world_.later({}, [waiting = std::move(call)] { knock(waiting); });
    listening_->line.clear();
    delete this;
}

owned_stream open_end(const std::shared_ptr<sim_connection>& of, sim_connection::side side, const address& bound) {
    const auto shown = [&](sim_connection::side one) {
        return side == sim_connection::called ? as_seen_from(bound, of->here(one)) : of->here(one);
    };
    return owned_stream(new sim_stream(of, side, shown(side), shown(sim_connection::other(side))));
}

}  // namespace weir
