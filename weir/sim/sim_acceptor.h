// Where connections arrive in a simulated network: the queue of a listener, and the acceptor that its user holds.
// Private.
#pragma once

#include <deque>
#include <memory>

#include "weir/loop/acceptor.h"
#include "weir/sim/sim_connection.h"

namespace weir {

class sim_acceptor;
struct sim_call;

// What is left of it when the acceptor is closed is for the calls that were on their way.
struct sim_listening {
    address here;
    std::size_t backlog = 0;
    sim_acceptor* owner = nullptr;  // null: closed
    std::deque<std::shared_ptr<sim_connection>> queue;
    std::size_t expected = 0;                    // calls that were answered and are not established yet
    std::deque<std::shared_ptr<sim_call>> line;  // calls that wait for room in the queue of a Unix socket

    // Linux lets one more in than the backlog says, listen(2).
    bool is_full() const noexcept { return queue.size() + expected > backlog; }
};

// Lives on the heap; close() deletes it. It holds a descriptor, which whoever makes it has taken.
class sim_acceptor final : public acceptor {
public:
    sim_acceptor(sim_world& world, std::shared_ptr<sim_listening> listening);

    std::optional<accepted_connection> accept() override;
    void rest() noexcept override { asked_.end(); }
    address local_address() const override { return listening_->here; }
    void close() noexcept override;

    // In a wait: somebody may be in the queue.
    void arrived();

private:
    ~sim_acceptor() override;

    accepted_connection first_in_queue();

    sim_world& world_;
    const std::shared_ptr<sim_listening> listening_;
    asked asked_;
    bool is_telling_ = false;
};

// A stream for this end, if there is a descriptor that was taken for it.
owned_stream open_end(const std::shared_ptr<sim_connection>& of, sim_connection::side side, const address& bound);

}  // namespace weir
