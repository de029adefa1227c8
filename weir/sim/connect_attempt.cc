#include "weir/sim/connect_attempt.h"

#include "weir/sim/acceptor.h"

namespace weir::sim::internal {
namespace {

duration delay_of(connect_call& call) {
    return call.to.family() == address_family::local ? duration() : call.shared.delay();
}

void complete(connect_call& call, outcome how, owned_stream made) {
    const auto user = std::exchange(call.user, nullptr);
    const std::byte code{static_cast<std::uint8_t>(how.code)};
    call.shared.note(trace_event::connected, 0, {&code, 1});
    call.waits.end();
    // On success the stream has taken over the descriptor.
    if (!how.good()) call.shared.release_descriptor();
    call.holds_descriptor = false;
    call.shared.user_notified();
    user->on_connected(how, std::move(made));
}

// The failure arrives after a delay, too.
void fail(const std::shared_ptr<connect_call>& call, outcome why) {
    call->shared.later(delay_of(*call), [call, why] {
        if (call->user != nullptr) complete(*call, why, {});
    });
}

// Sends the SYN again. The interval doubles each time, see tcp_syn_retries in tcp(7).
void try_again(const std::shared_ptr<connect_call>& call) {
    const time_point last = later(call->begun, call->shared.options.connect_patience);
    const time_point next = later(call->shared.now(), call->next_try);
    call->next_try *= 2;
    call->shared.later(std::min(next, last) - call->shared.now(), [call, is_over = next >= last] {
        if (call->user == nullptr) return;
        if (is_over) return complete(*call, linux_errno::timed_out, {});
        arrive_at_listener(call);
    });
}

void establish(const std::shared_ptr<connect_call>& call, const std::shared_ptr<listener>& at) {
    --at->expected;
    if (call->user == nullptr) {
        // The connect was cancelled, so its place in the queue is free.
        if (!at->waiting_calls.empty()) call->shared.later({}, [at] { admit_next(*at); });
        return;
    }
    if (call->shared.is_partitioned(call->from, call->to)) return try_again(call);
    const auto made = std::make_shared<connection>(call->shared, call->from, call->to);
    complete(*call, {}, open_end(made, connection::caller, call->from));
    if (at->owner == nullptr) return made->reject();
    at->queue.push_back(made);
    at->owner->connection_arrived();
}

}  // namespace

connect_attempt::~connect_attempt() {
    call_->user = nullptr;
    call_->waits.end();
    if (call_->holds_descriptor) call_->shared.release_descriptor();
    call_->holds_descriptor = false;
}

std::unique_ptr<weir::connect_attempt> start_connect(simulation& shared, address from, address to,
                                                     weir::connect_attempt::user& user) {
    const std::shared_ptr<connect_call> call(new connect_call{shared, &user, std::move(from), std::move(to),
                                                              shared.now(), std::chrono::seconds(1),
                                                              pending_operation(shared.counts.attempts)});
    call->waits.begin();
    if (shared.is_unreachable(call->to)) {
        fail(call, linux_errno::unreachable);
    } else {
        shared.later(delay_of(*call), [call] { arrive_at_listener(call); });
    }
    return std::make_unique<connect_attempt>(call);
}

void admit_next(listener& at) {
    while (!at.waiting_calls.empty()) {
        const auto call = std::move(at.waiting_calls.front());
        at.waiting_calls.pop_front();
        if (call->user != nullptr) return arrive_at_listener(call);
    }
}

void arrive_at_listener(const std::shared_ptr<connect_call>& call) {
    if (call->user == nullptr) return;
    simulation& shared = call->shared;
    if (shared.is_partitioned(call->from, call->to)) return try_again(call);
    shared.note(trace_event::syn_arrived, 0);
    const auto found = shared.listeners.find(call->to);
    if (found.empty()) {
        const bool never_bound = call->to.is_path() && !shared.paths.contains(std::string(call->to.local_name()));
        return fail(call, never_bound ? linux_errno::not_found : linux_errno::refused);
    }
    const auto& at = found.size() == 1 ? found.front() : shared.draw().one_of(found);
    if (!at->is_full()) {
        ++at->expected;
        shared.later(delay_of(*call), [call, at] { establish(call, at); });
    } else if (call->to.family() == address_family::local) {
        at->waiting_calls.push_back(call);
    } else {
        try_again(call);
    }
}

}  // namespace weir::sim::internal
