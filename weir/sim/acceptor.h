// A listener of a simulated network: its queue of connections, and the acceptor that its user holds. Private.
#pragma once

#include <deque>
#include <memory>

#include "weir/loop/acceptor.h"
#include "weir/sim/connection.h"

namespace weir::sim::internal {

class acceptor;
struct connect_call;

// Connection attempts in progress share this object, so it may outlive its acceptor.
struct listener {
    address here;
    std::size_t backlog = 0;
    acceptor* owner = nullptr;  // null: closed
    std::deque<std::shared_ptr<connection>> queue;
    std::size_t expected = 0;                                 // connects that were answered and are not established yet
    std::deque<std::shared_ptr<connect_call>> waiting_calls;  // wait for room in the queue of a Unix socket

    // Linux admits one connection more than the backlog, listen(2).
    bool is_full() const noexcept { return queue.size() + expected > backlog; }
};

// Allocate it with new: close() deletes it. Owns one simulated descriptor, which the creator has taken with
// take_descriptor().
class acceptor final : public weir::acceptor {
public:
    acceptor(simulation& shared, std::shared_ptr<listener> listening);

    std::optional<accepted_connection> accept() override;
    void pause() noexcept override { pending_.end(); }
    address local_address() const override { return listening_->here; }
    void close() noexcept override;

    // Called during a wait when a connection may be in the queue.
    void connection_arrived();

private:
    ~acceptor() override;

    accepted_connection first_in_queue();

    simulation& shared_;
    const std::shared_ptr<listener> listening_;
    pending_operation pending_;
    bool is_notifying_ = false;
};

// Makes the stream of one end of a connection. The caller has taken a descriptor for it.
owned_stream open_end(const std::shared_ptr<connection>& of, connection::side side, const address& bound);

}  // namespace weir::sim::internal
