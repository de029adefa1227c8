#include "weir/sim/sim_attempt.h"

#include "weir/sim/sim_acceptor.h"

namespace weir {
namespace {

duration delay_of(sim_call& call) {
    return call.to.family() == address_family::local ? duration() : call.world.delay();
}

void tell(sim_call& call, outcome how, owned_stream made) {
    const auto told = std::exchange(call.told, nullptr);
    const std::byte code{static_cast<std::uint8_t>(how.code)};
    call.world.note(happening::connected, 0, {&code, 1});
    call.waits.end();
    // The stream has it now, or nobody.
    if (!how.good()) call.world.give_descriptor();
    call.holds_descriptor = false;
    call.world.has_told();
    told->connected(how, std::move(made));
}

// The answer takes its time, too.
void fail(const std::shared_ptr<sim_call>& call, outcome why) {
    call->world.later(delay_of(*call), [call, why] {
        if (call->told != nullptr) tell(*call, why, {});
    });
}

// Nobody answered: again, each time after twice the time, tcp(7), tcp_syn_retries.
void try_again(const std::shared_ptr<sim_call>& call) {
    const time_point last = later(call->begun, call->world.options.connect_patience);
    const time_point next = later(call->world.now(), call->next_try);
    call->next_try *= 2;
    call->world.later(std::min(next, last) - call->world.now(), [call, is_over = next >= last] {
        if (call->told == nullptr) return;
        if (is_over) return tell(*call, linux_errno::timed_out, {});
        knock(call);
    });
}

void establish(const std::shared_ptr<sim_call>& call, const std::shared_ptr<sim_listening>& at) {
    --at->expected;
    if (call->told == nullptr) {
        // Given up: its place is free.
        if (!at->line.empty()) call->world.later({}, [at] { knock_next(*at); });
        return;
    }
    if (call->world.is_cut(call->from, call->to)) return try_again(call);
    const auto made = std::make_shared<sim_connection>(call->world, call->from, call->to);
    tell(*call, {}, open_end(made, sim_connection::caller, call->from));
    if (at->owner == nullptr) return made->turn_away();
    at->queue.push_back(made);
    at->owner->arrived();
}

}  // namespace

sim_attempt::~sim_attempt() {
    call_->told = nullptr;
    call_->waits.end();
    if (call_->holds_descriptor) call_->world.give_descriptor();
    call_->holds_descriptor = false;
}

std::unique_ptr<attempt> begin_call(sim_world& world, address from, address to, attempt::user& told) {
    const std::shared_ptr<sim_call> call(new sim_call{world, &told, std::move(from), std::move(to), world.now(),
                                                      std::chrono::seconds(1), asked(world.counts.attempts)});
    call->waits.begin();
    if (world.is_unreachable(call->to)) {
        fail(call, linux_errno::unreachable);
    } else {
        world.later(delay_of(*call), [call] { knock(call); });
    }
    return std::make_unique<sim_attempt>(call);
}

void knock_next(sim_listening& at) {
    while (!at.line.empty()) {
        const auto call = std::move(at.line.front());
        at.line.pop_front();
        if (call->told != nullptr) return knock(call);
    }
}

void knock(const std::shared_ptr<sim_call>& call) {
    if (call->told == nullptr) return;
    sim_world& world = call->world;
    if (world.is_cut(call->from, call->to)) return try_again(call);
    world.note(happening::knocked, 0);
    const auto found = world.listeners.find(call->to);
    if (found.empty()) {
        const bool never_was = call->to.is_path() && !world.paths.contains(std::string(call->to.local_name()));
        return fail(call, never_was ? linux_errno::not_found : linux_errno::refused);
    }
    const auto& at = found.size() == 1 ? found.front() : world.draw().one_of(found);
    if (!at->is_full()) {
        ++at->expected;
        world.later(delay_of(*call), [call, at] { establish(call, at); });
    } else if (call->to.family() == address_family::local) {
        at->line.push_back(call);
    } else {
        try_again(call);
    }
}

}  // namespace weir
