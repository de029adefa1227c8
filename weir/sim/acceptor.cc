#include "weir/sim/acceptor.h"

#include "weir/sim/connect_attempt.h"
#include "weir/sim/names.h"
#include "weir/sim/stream.h"

namespace weir::sim::internal {

acceptor::acceptor(simulation& shared, std::shared_ptr<listener> listening)
    : shared_(shared), listening_(std::move(listening)), pending_(shared.counts.accepts) {
    listening_->owner = this;
}

acceptor::~acceptor() { shared_.release_descriptor(); }

std::optional<accepted_connection> acceptor::accept() {
    WEIR_CHECK(!is_notifying_, "accept() was called from within on_accepted()");
    WEIR_CHECK(!pending_, "accept() was called while an accept was pending");
    if (!listening_->queue.empty()) {
        if (!shared_.draw().flip()) return first_in_queue();
        shared_.later({}, [listening = listening_] {
            if (listening->owner != nullptr) listening->owner->connection_arrived();
        });
    }
    pending_.begin();
    return {};
}

void acceptor::connection_arrived() {
    if (!pending_ || listening_->queue.empty()) return;
    pending_.end();
    shared_.user_notified();
    is_notifying_ = true;
    current_user().on_accepted(first_in_queue());
    is_notifying_ = false;
}

accepted_connection acceptor::first_in_queue() {
    if (!shared_.take_descriptor()) return {linux_errno::no_descriptors, {}, {}};
    const auto connection = std::move(listening_->queue.front());
    listening_->queue.pop_front();
    shared_.note(trace_event::accepted, connection->number());
    if (!listening_->waiting_calls.empty()) shared_.later({}, [listening = listening_] { admit_next(*listening); });
    owned_stream made = open_end(connection, connection::called, listening_->here);
    address peer = made->peer_address();
    return {{}, std::move(made), std::move(peer)};
}

void acceptor::close() noexcept {
    WEIR_CHECK(!is_notifying_, "an acceptor was closed from within on_accepted()");
    listening_->owner = nullptr;
    shared_.listeners.remove(listening_);
    for (const auto& connection : listening_->queue) connection->reject();
    listening_->queue.clear();
    for (auto& call : listening_->waiting_calls)
        shared_.later({}, [waiting = std::move(call)] { arrive_at_listener(waiting); });
    listening_->waiting_calls.clear();
    delete this;
}

owned_stream open_end(const std::shared_ptr<connection>& of, connection::side side, const address& bound) {
    const auto shown = [&](connection::side one) {
        return side == connection::called ? as_seen_from(bound, of->here(one)) : of->here(one);
    };
    return owned_stream(new stream(of, side, shown(side), shown(connection::other(side))));
}

}  // namespace weir::sim::internal
