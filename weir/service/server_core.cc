#include "weir/service/server_core.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "weir/service/kernel_buffers.h"

namespace weir {
server::core::core(owned_acceptor listening, framing described, server_options how,
                   std::shared_ptr<source_counts> sources)
    : here_(loop::current()), listening_(std::move(listening)), here_address_(listening_->local_address()),
      terms_(std::make_shared<channel_terms>(std::move(described), how.limits.connection)), how_(std::move(how)),
      most_of_a_source_(how_.limits.connections_of_a_source.of(how_.limits.connections)), sources_(std::move(sources)) {
    WEIR_CHECK(how_.limits.problem().empty(), "limits: " + std::string(how_.limits.problem()));
    listening_->tell(*this);
    here_.budget().limit(how_.limits.held_bytes_of_a_loop);
}

// Whoever is still connected then departs without being counted.
server::core::~core() {
    if (deals_) dispatcher_->leave(*target_);
    for (const auto& one : connections_) {
        if (one->below != nullptr) one->below->watched_by(nullptr);
    }
}

void server::core::accept_soon() noexcept {
    if (!is_listed()) here_.make_ready(*this);
}

void server::core::begin(handler handles) {
    WEIR_CHECK(!handles_, "server::run() is called once");
    handles_ = std::move(handles);
    if (has_stopped()) return;
    if (const auto remark = here_.world().remark(); !remark.empty()) tell(server_event::kind::backend, remark);
    tell(server_event::kind::listening, "listening on " + here_address_.to_string());
    accept_soon();
}

// Accepting.

void server::core::accepted(accepted_connection one) noexcept {
    if (accepting_ == accepting::waiting) accepting_ = accepting::ready;
    arrived_ = std::move(one);
    accept_soon();
}

void server::core::run() try {
    std::size_t most = here_.is_behind() ? most_accepts_behind : most_accepts_a_turn;
    if (deals_) most *= dispatcher_->size();
    std::size_t accepted = 0;
    if (arrived_) {
        take(*std::exchange(arrived_, std::nullopt));
        ++accepted;
    }
    for (; accepted < most; ++accepted) {
        if (has_stopped() || accepting_ != accepting::ready) return;
        if (is_full()) return pause(error(errc::no_memory, "accept", {}, "the limit of connections is reached"));
        auto one = listening_->accept();
        if (!one) {
            accepting_ = accepting::waiting;
            return;
        }
        take(std::move(*one));
    }
    accept_soon();
} catch (const std::bad_alloc&) {
    back_off(error(errc::no_memory, {}, {}, {}, ENOMEM));
}

std::shared_ptr<accept_dispatcher> server::core::dispatch() {
    if (!deals_ && listening_->give_sockets()) {
        auto made = std::make_shared<accept_dispatcher>();
        target_ = made->join(here_, how_.limits.connections, [this] {
            if (accepting_ == accepting::paused && !has_stopped()) resume();
        });
        dispatcher_ = std::move(made);
        deals_ = true;
    }
    return dispatcher_;
}

void server::core::counts_at(std::shared_ptr<accept_dispatcher> one, accept_dispatcher::shared_target as) noexcept {
    dispatcher_ = std::move(one);
    target_ = std::move(as);
}

// False: another server has it.
bool server::core::deal(accepted_connection& one) {
    auto mine = dispatcher_->deal({std::move(one.unowned), std::move(one.peer)}, *target_);
    if (!mine) return false;
    one.peer = std::move(mine->peer);
    auto made = here_.world().adopt(std::move(mine->connection));
    if (made) {
        one.connection = std::move(*made);
    } else {
        one.how = outcome::of(made.error());
        dispatcher_->ended(*target_);
    }
    return true;
}

void server::core::take(accepted_connection one) {
    if (deals_ && one.how.good() && !deal(one)) return;
    if (!one.how.good()) {
        return back_off(one.how.during("accept", here_address_.to_string()));
    }
    back_off_ = first_back_off;
    try {
        if (has_stopped() || is_over_source_limit(one.peer)) {
            one.connection.release()->close(true);
            if (target_ != nullptr) dispatcher_->ended(*target_);
            return;
        }
    } catch (const std::bad_alloc&) {
        return turn_away(std::move(one.connection), one.peer);
    }
    serve(std::move(one));
}

// Tries again a little later, and longer each time.
void server::core::back_off(const error& why) noexcept {
    try {
        pause(why);
        here_.timers().set(*this, later(here_.now(), back_off_));
        back_off_ = std::min(back_off_ * 2, longest_back_off);
    } catch (const std::bad_alloc&) {
        accepting_ = accepting::ready;
        accept_soon();  // there is no memory for a timer: others have their turn in between
    }
}

bool server::core::is_full() {
    if (deals_) return dispatcher_->waits_for_room(target_);
    if (target_ != nullptr) return false;  // it is dealt no more than its share
    return how_.limits.connections && connections_.size() >= *how_.limits.connections;
}

void server::core::pause(const error& why) {
    if (deals_) dispatcher_->ring_at_end(target_);
    accepting_ = accepting::paused;
    listening_->rest();
    ++stats_.pauses;
    tell(server_event::kind::paused, "accepting pauses: " + why.message(), nullptr, &why);
}

bool server::core::is_over_source_limit(const address& peer) {
    if (!most_of_a_source_ || !peer.is_ip() || sources_->enter(peer, *most_of_a_source_)) return false;
    ++stats_.refused;
    tell(server_event::kind::refused,
         "refused: its address has " + std::to_string(*most_of_a_source_) + " connections, the limit of one source",
         &peer);
    return true;
}

void server::core::limit_kernel_buffers(byte_stream& one) const {
    const auto size = kernel_buffer_share(how_.limits, connections_.size() + 1, grown_kernel_buffer_bytes());
    if (size) one.limit_kernel_buffers(*size, *size);
}

// One that was accepted and that there is no memory for.
void server::core::turn_away(owned_stream one, const address& peer) noexcept {
    if (one != nullptr) one.release()->close(true);
    if (target_ != nullptr) dispatcher_->ended(*target_);
    ++stats_.refused;
    const error why(errc::no_memory, {}, {}, {}, ENOMEM);
    tell(server_event::kind::refused, to_string(errc::no_memory), &peer, &why);
}

void server::core::serve(accepted_connection one) {
    limit_kernel_buffers(*one.connection);
    bool has_place = false;
    try {
        connections_.emplace_back();
        has_place = true;
        connections_.back() = std::make_unique<connection>(*this);
        address peer = one.peer;
        connections_.back()->below = new channel_core(std::move(one.connection), terms_, std::move(peer));
    } catch (const std::bad_alloc&) {
        if (has_place) connections_.pop_back();
        leave_source(one.peer);
        return turn_away(std::move(one.connection), one.peer);
    }
    ++stats_.accepted;
    connection& made = *connections_.back();
    made.place = static_cast<std::uint32_t>(connections_.size() - 1);
    made.below->watched_by(&made);
    channel client(*made.below);
    tell(server_event::kind::connected, "connected", made.peer());
    try {
        made.handles.emplace(handles_(std::move(client)));
        here_.make_ready(made);
    } catch (const std::bad_alloc&) {
        made.has_ended = true;
        made.below->lack_memory();
    } catch (const std::exception& thrown) {
        ++stats_.thrown;
        tell(server_event::kind::thrown, thrown.what(), made.peer());
        made.has_ended = true;
    } catch (...) {
        ++stats_.thrown;
        tell(server_event::kind::thrown, "an exception that is no std::exception", made.peer());
        made.has_ended = true;
    }
}

// Ending of one.

void server::core::connection::run() {
    if (has_ended) return owner.forget(*this);
    trampoline::run(handles->begin(*this, chain));
}

void server::core::connection::task_ended(bool threw) noexcept {
    if (threw) {
        ++owner.stats_.thrown;
        try {
            handles->take();
        } catch (const std::bad_alloc& thrown) {
            owner.tell(server_event::kind::thrown, thrown.what(), peer());
            if (below != nullptr) below->lack_memory();
        } catch (const std::exception& thrown) {
            owner.tell(server_event::kind::thrown, thrown.what(), peer());
        } catch (...) {
            owner.tell(server_event::kind::thrown, "an exception that is no std::exception", peer());
        }
    }
    has_ended = true;
    owner.here_.make_ready(*this);  // its frame, and the channel in it, is destroyed there
}

void server::core::connection::channel_closed(const channel_core& one) noexcept {
    let_go_of(one);
    if (has_ended && !is_listed()) owner.here_.make_ready(*this);
}

void server::core::connection::let_go_of(const channel_core& one) noexcept {
    try {
        if (!has_ended) late_peer = std::make_unique<const address>(one.peer());
    } catch (const std::bad_alloc&) {
        late_peer = nullptr;  // what is told of it later names no peer
    }
    below = nullptr;
    owner.leave_source(one.peer());
    owner.stats_.messages += one.stats();
    ++owner.stats_.ended[static_cast<std::size_t>(one.close_reason_code())];
    if (owner.how_.log) owner.tell_of_end(one);
}

void server::core::leave_source(const address& peer) {
    if (most_of_a_source_ && peer.is_ip()) sources_->leave(peer);
}

void server::core::forget(connection& one) {
    one.handles.reset();
    if (one.below != nullptr) {
        if (phase_ != phase::aborting) return;  // it departs, or another task has it
        one.below->watched_by(nullptr);
        one.let_go_of(*one.below);
    }
    const std::uint32_t place = one.place;
    std::swap(connections_[place], connections_.back());
    connections_[place]->place = place;
    connections_.pop_back();
    if (target_ != nullptr) dispatcher_->ended(*target_);
    if (accepting_ == accepting::paused && !has_stopped()) resume();
    end_if_over();
}

void server::core::resume() noexcept {
    accepting_ = accepting::ready;
    unset();
    accept_soon();
}

// Ending of all.

void server::core::stop() {
    if (has_stopped()) return abort_all();
    phase_ = phase::draining;
    accepting_ = accepting::ready;
    unset();
    listening_.reset();
    arrived_.reset();
    tell(server_event::kind::draining, "no further connections; those that are open end");
    for (const auto& one : connections_) {
        if (one->below != nullptr) one->below->drain();
    }
    const time_point now = here_.now();
    const bool is_bounded = how_.limits.drain && *how_.limits.drain <= time_point::max() - now;
    try {
        if (!connections_.empty() && is_bounded) here_.timers().set(*this, now + *how_.limits.drain);
    } catch (const std::bad_alloc&) {
        return abort_all();
    }
    end_if_over();
}

void server::core::abort_all() noexcept {
    if (phase_ == phase::serving) stop();
    if (std::exchange(phase_, phase::aborting) == phase::aborting) return;
    unset();
    error why(errc::cancelled);
    try {
        why = error(errc::cancelled, {}, {}, "cancelled: cut at the end of the service");
    } catch (const std::bad_alloc&) {
        why = error(errc::cancelled);
    }
    for (const auto& one : connections_) {
        ++stats_.aborted;
        tell(server_event::kind::aborted, "cut at the end of the service", one->peer());
        one->chain.request();
        if (one->below != nullptr) one->below->abort(why);
        if (one->has_ended && !one->is_listed())
            here_.make_ready(*one);  // a handle of its channel may be kept for ever
    }
}

void server::core::expire() {
    if (has_stopped()) return abort_all();
    accepting_ = accepting::ready;
    accept_soon();
}

void server::core::end_if_over() noexcept {
    if (is_over() && completion_ != nullptr) std::exchange(completion_, nullptr)->over();
}

server_stats server::core::stats() const {
    server_stats now = stats_;
    now.open = connections_.size();
    return now;
}

void server::core::tell_of_end(const channel_core& one) const {
    const error& why = one.close_reason();
    std::string text;
    try {
        text = why == errc::none ? "ended by its handler" : why.message();
    } catch (const std::bad_alloc&) {
        text.clear();
    }
    tell(server_event::kind::ended, text.empty() ? to_string(why.code()) : text, &one.peer(), &why);
}

void server::core::tell(server_event::kind what, std::string_view text, const address* peer, const error* why) const {
    if (!how_.log) return;
    try {
        how_.log({what, text, peer, why});
    } catch (...) {
        return;  // a log that fails stops no service
    }
}

}  // namespace weir
