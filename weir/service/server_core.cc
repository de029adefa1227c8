#include "weir/service/server_core.h"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>

namespace weir {
namespace {

// An IPv6 host has a whole /64 of addresses, RFC 4291 (2.5.4); those that stand for IPv4 ones do not.
address source_of(const address& peer) {
    if (peer.family() != address_family::ipv6 || peer.is_mapped()) return peer.with_port(0);
    std::array<std::uint8_t, 16> octets = peer.ipv6_octets();
    std::fill(octets.begin() + 8, octets.end(), 0);
    return address::ipv6(octets, 0, peer.scope());
}

}  // namespace

server::core::core(owned_acceptor listening, framing described, server_options how)
    : here_(loop::current()), listening_(std::move(listening)), here_address_(listening_->local_address()),
      terms_(std::make_shared<channel_terms>(std::move(described), how.limits.connection)), how_(std::move(how)) {
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
    if (is_stopping_) return;
    if (const auto remark = here_.world().remark(); !remark.empty()) tell(server_event::kind::backend, remark);
    tell(server_event::kind::listening, "listening on " + here_address_.to_string());
    accept_soon();
}

// Accepting.

void server::core::accepted(newcomer one) noexcept {
    is_asked_ = false;
    arrived_ = std::move(one);
    accept_soon();
}

void server::core::run() {
    std::size_t most = here_.is_behind() ? most_accepts_behind : most_accepts_a_turn;
    if (deals_) most *= dispatcher_->size();
    std::size_t accepted = 0;
    if (arrived_) {
        take(*std::exchange(arrived_, std::nullopt));
        ++accepted;
    }
    for (; accepted < most; ++accepted) {
        if (is_stopping_ || is_asked_ || is_paused_) return;
        if (is_full()) return pause(error(errc::no_memory, "accept", {}, "the limit of connections is reached"));
        auto one = listening_->accept();
        if (!one) {
            is_asked_ = true;
            return;
        }
        take(std::move(*one));
    }
    accept_soon();
}

std::shared_ptr<accept_dispatcher> server::core::dispatch() {
    if (!deals_ && listening_->give_sockets()) {
        deals_ = true;
        dispatcher_ = std::make_shared<accept_dispatcher>();
        target_ = dispatcher_->join(here_, how_.limits.connections, [this] {
            if (is_paused_ && !is_stopping_) resume();
        });
    }
    return dispatcher_;
}

void server::core::counts_at(std::shared_ptr<accept_dispatcher> one, accept_dispatcher::shared_target as) noexcept {
    dispatcher_ = std::move(one);
    target_ = std::move(as);
}

// False: another server has it.
bool server::core::deal(newcomer& one) {
    auto mine = dispatcher_->deal({std::move(one.unowned), std::move(one.peer)}, *target_);
    if (!mine) return false;
    one.peer = std::move(mine->peer);
    auto made = here_.world().adopt(std::move(mine->connection));
    if (made) {
        one.connection = std::move(*made);
    } else {
        one.how = {made.error().code(), made.error().system_code()};
        dispatcher_->ended(*target_);
    }
    return true;
}

void server::core::take(newcomer one) {
    if (deals_ && one.how.good() && !deal(one)) return;
    if (!one.how.good()) {
        pause(one.how.during("accept", here_address_.to_string()));
        here_.timers().set(*this, here_.now() + back_off_);
        back_off_ = std::min(back_off_ * 2, longest_back_off);
        return;
    }
    back_off_ = first_back_off;
    if (is_stopping_ || is_over_source_limit(one.peer)) {
        one.connection.release()->close(true);
        if (target_ != nullptr) dispatcher_->ended(*target_);
        return;
    }
    serve(std::move(one));
}

bool server::core::is_full() {
    if (deals_) return dispatcher_->waits_for_room(*target_);
    return how_.limits.connections && connections_.size() >= *how_.limits.connections;
}

void server::core::pause(const error& why) {
    is_paused_ = true;
    listening_->rest();
    if (deals_) dispatcher_->ring_at_end(*target_);
    ++figures_.pauses;
    tell(server_event::kind::paused, "accepting pauses: " + why.message(), nullptr, &why);
}

bool server::core::is_over_source_limit(const address& peer) {
    if (!how_.limits.connections_of_a_source || !peer.is_ip()) return false;
    std::size_t& count = sources_[source_of(peer)];
    if (count < *how_.limits.connections_of_a_source) {
        ++count;
        return false;
    }
    ++figures_.refused;
    tell(server_event::kind::refused, "too many connections of " + source_of(peer).to_string(), &peer);
    return true;
}

void server::core::serve(newcomer one) {
    ++figures_.accepted;
    connections_.push_back(std::make_unique<connection>(*this));
    connection& made = *connections_.back();
    made.place = static_cast<std::uint32_t>(connections_.size() - 1);
    made.below = new channel_core(std::move(one.connection), terms_, std::move(one.peer));
    made.below->watched_by(&made);
    channel client(*made.below);
    tell(server_event::kind::connected, "connected", made.peer());
    try {
        made.handles.emplace(handles_(std::move(client)));
        here_.make_ready(made);
    } catch (const std::exception& thrown) {
        ++figures_.thrown;
        tell(server_event::kind::thrown, thrown.what(), made.peer());
        made.has_ended = true;
    } catch (...) {
        ++figures_.thrown;
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
        ++owner.figures_.thrown;
        try {
            handles->take();
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
    if (!has_ended) late_peer = std::make_unique<const address>(one.peer());
    below = nullptr;
    owner.leave_source(one.peer());
    owner.figures_.messages += one.figures();
    ++owner.figures_.ended[static_cast<std::size_t>(one.ending_code())];
    if (owner.how_.log) owner.tell_of_end(one);
    if (has_ended && !is_listed()) owner.here_.make_ready(*this);
}

void server::core::leave_source(const address& peer) {
    if (!how_.limits.connections_of_a_source || !peer.is_ip()) return;
    const auto source = sources_.find(source_of(peer));
    if (--source->second == 0) sources_.erase(source);
}

void server::core::forget(connection& one) {
    one.handles.reset();
    if (one.below != nullptr) return;  // it departs, or another task has it
    const std::uint32_t place = one.place;
    std::swap(connections_[place], connections_.back());
    connections_[place]->place = place;
    connections_.pop_back();
    if (target_ != nullptr) dispatcher_->ended(*target_);
    if (is_paused_ && !is_stopping_) resume();
    end_if_over();
}

void server::core::resume() noexcept {
    is_paused_ = false;
    unset();
    accept_soon();
}

// Ending of all.

void server::core::stop() {
    if (is_stopping_) return cut_all();
    is_stopping_ = true;
    is_paused_ = false;
    unset();
    listening_.reset();
    arrived_.reset();
    tell(server_event::kind::draining, "no further connections; those that are open end");
    for (const auto& one : connections_) {
        if (one->below != nullptr) one->below->drain();
    }
    const time_point now = here_.now();
    const bool is_bounded = how_.limits.drain && *how_.limits.drain <= time_point::max() - now;
    if (!connections_.empty() && is_bounded) here_.timers().set(*this, now + *how_.limits.drain);
    end_if_over();
}

void server::core::cut_all() noexcept {
    if (!is_stopping_) stop();
    if (std::exchange(is_cut_, true)) return;
    unset();
    for (const auto& one : connections_) {
        ++figures_.cut;
        tell(server_event::kind::cut, "cut at the end of the service", one->peer());
        one->chain.request();
        if (one->below != nullptr)
            one->below->cut(error(errc::cancelled, {}, {}, "cancelled: cut at the end of the service"));
    }
}

void server::core::expire() {
    if (is_stopping_) return cut_all();
    is_paused_ = false;
    accept_soon();
}

void server::core::end_if_over() noexcept {
    if (is_over() && ending_ != nullptr) std::exchange(ending_, nullptr)->over();
}

server_figures server::core::figures() const {
    server_figures now = figures_;
    now.open = connections_.size();
    return now;
}

void server::core::tell_of_end(const channel_core& one) const {
    const error& why = one.ending();
    tell(server_event::kind::ended, why == errc::none ? "ended by its handler" : why.message(), &one.peer(), &why);
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
