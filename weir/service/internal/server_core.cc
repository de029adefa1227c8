#include "weir/service/internal/server_core.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "weir/service/internal/kernel_buffers.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir::internal {
namespace {

shared_terms terms_of(framing requested, const server_options& how, const std::shared_ptr<server_counters>& counters) {
    auto [described, is_fixed] = framing_behind(how.wrappers, std::move(requested));
    return std::make_shared<channel_terms>(std::move(described), how.limits.connection, is_fixed, counters);
}

}  // namespace

server_core::server_core(owned_acceptor listening, framing described, server_options how,
                         std::shared_ptr<source_counts> sources)
    : here_(loop::current()), listening_(std::move(listening)), here_address_(listening_->local_address()),
      terms_(terms_of(std::move(described), how, counters_)), options_(std::move(how)),
      most_of_a_source_(options_.limits.connections_of_a_source.of(options_.limits.connections)),
      sources_(std::move(sources)) {
    WEIR_CHECK(options_.limits.problem().empty(), "limits: " + std::string(options_.limits.problem()));
    listening_->set_user(*this);
    here_.budget().limit(options_.limits.held_bytes_of_a_loop);
}

// Channels that are still open are closed later; the server no longer counts them.
server_core::~server_core() {
    WEIR_CHECK(completion_ == nullptr,
               "a server is destroyed while its run() runs: call stop(), and await run() first");
    if (accepts_for_all_) dispatcher_->leave(*target_);
    counters_->open.set(0);
    counters_->handshaking.set(0);
}

void server_core::accept_soon() noexcept {
    if (!is_listed()) here_.make_ready(*this);
}

void server_core::begin(handler handles) {
    WEIR_CHECK(!handles_, "server::run() can be called only once");
    handles_ = std::move(handles);
    if (has_stopped()) return;
    if (const auto remark = here_.backend().remark(); !remark.empty()) log(server_event::kind::backend, remark);
    log(server_event::kind::listening, "listening on " + here_address_.to_string());
    accept_soon();
}

// Accepting.

void server_core::on_accepted(accepted_connection one) noexcept {
    if (accepting_ == accept_state::waiting) accepting_ = accept_state::ready;
    arrived_ = std::move(one);
    accept_soon();
}

void server_core::run() try {
    std::size_t most = here_.is_behind() ? most_accepts_behind : most_accepts_a_turn;
    if (accepts_for_all_) most *= dispatcher_->size();
    std::size_t accepted = 0;
    if (arrived_) {
        take(*std::exchange(arrived_, std::nullopt));
        ++accepted;
    }
    for (; accepted < most; ++accepted) {
        if (has_stopped() || accepting_ != accept_state::ready) return;
        if (is_full()) {
            counters_->hit(limit_kind::connections);
            return pause(error(errc::over_limit, "accept", {}, "the limit of connections is reached"));
        }
        auto one = listening_->accept();
        if (!one) {
            accepting_ = accept_state::waiting;
            return;
        }
        take(std::move(*one));
    }
    accept_soon();
} catch (const std::bad_alloc&) {
    back_off(error(errc::no_memory, {}, {}, {}, ENOMEM));
}

std::shared_ptr<accept_dispatcher> server_core::dispatch() {
    if (!accepts_for_all_ && listening_->give_sockets()) {
        auto made = std::make_shared<accept_dispatcher>();
        target_ = made->join(here_, options_.limits.connections, [this] {
            if (accepting_ == accept_state::paused && !has_stopped()) resume();
        });
        dispatcher_ = std::move(made);
        accepts_for_all_ = true;
    }
    return dispatcher_;
}

void server_core::counts_at(std::shared_ptr<accept_dispatcher> one, accept_dispatcher::shared_target as) noexcept {
    dispatcher_ = std::move(one);
    target_ = std::move(as);
}

// Returns false when another server got the connection, or when it was reset because all servers are full.
bool server_core::assign(accepted_connection& one) {
    auto mine = dispatcher_->assign({std::move(one.unowned), std::move(one.peer)}, *target_);
    if (!mine) return false;
    one.peer = std::move(mine->peer);
    auto made = here_.backend().adopt(std::move(mine->connection));
    if (made) {
        one.connection = std::move(*made);
    } else {
        one.how = outcome::of(made.error());
        dispatcher_->ended(*target_);
    }
    return true;
}

void server_core::take(accepted_connection one) {
    if (accepts_for_all_ && one.how.good() && !assign(one)) return;
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
        return reject(std::move(one.connection), one.peer);
    }
    limit_kernel_buffers(*one.connection);
    if (!options_.wrappers.empty()) return begin_handshake(std::move(one));
    serve(std::move(one.connection), one.peer, nullptr);
}

// Pauses and retries later. The time doubles up to longest_back_off.
void server_core::back_off(const error& why) noexcept {
    try {
        pause(why);
        here_.timers().set(*this, later(here_.now(), back_off_));
        back_off_ = std::min(back_off_ * 2, longest_back_off);
    } catch (const std::bad_alloc&) {
        accepting_ = accept_state::ready;
        accept_soon();  // no memory for a timer, so it retries; other tasks run in between
    }
}

bool server_core::is_full() {
    if (accepts_for_all_) return dispatcher_->waits_for_room(target_);
    if (target_ != nullptr) return false;  // the dispatcher assigns no more than the limit
    return options_.limits.connections && count() >= *options_.limits.connections;
}

void server_core::pause(const error& why) {
    if (accepts_for_all_) dispatcher_->wake_at_end(target_);
    accepting_ = accept_state::paused;
    listening_->pause();
    ++counters_->pauses;
    log(server_event::kind::paused, "accepting pauses: " + why.message(), nullptr, &why);
}

bool server_core::is_over_source_limit(const address& peer) {
    if (!most_of_a_source_ || !peer.is_ip() || sources_->enter(peer, *most_of_a_source_)) return false;
    ++counters_->refused;
    counters_->hit(limit_kind::connections_of_a_source);
    log(server_event::kind::refused,
        "refused: its address has " + std::to_string(*most_of_a_source_) + " connections, the limit of one source",
        &peer);
    return true;
}

void server_core::limit_kernel_buffers(byte_stream& one) const {
    const auto size = kernel_buffer_share(options_.limits, count() + 1, grown_kernel_buffer_bytes());
    if (size) one.limit_kernel_buffers(*size, *size);
}

// Resets an accepted connection for which there is no memory.
void server_core::reject(owned_stream one, const address& peer) noexcept {
    if (one != nullptr) one.release()->close(true);
    if (target_ != nullptr) dispatcher_->ended(*target_);
    ++counters_->refused;
    const error why(errc::no_memory, {}, {}, {}, ENOMEM);
    log(server_event::kind::refused, to_string(errc::no_memory), &peer, &why);
}

void server_core::begin_handshake(accepted_connection one) {
    try {
        handshakes_.begin(one.connection, one.peer);
        counters_->handshaking.set(handshakes_.count());
    } catch (const std::bad_alloc&) {
        leave_source(one.peer);
        reject(std::move(one.connection), one.peer);
    }
}

void server_core::on_wrapped(owned_stream made, const address& connected_to,
                             std::unique_ptr<peer_facts> facts) noexcept {
    counters_->handshaking.set(handshakes_.count());
    if (has_stopped()) {
        made.reset();
        return on_handshake_failed(connected_to, error(errc::cancelled));
    }
    if (!serve(std::move(made), connected_to, std::move(facts))) resume_accepting();
}

void server_core::on_handshake_failed(const address& connected_to, const error& why) noexcept {
    counters_->handshaking.set(handshakes_.count());
    ++counters_->handshakes_failed;
    if (options_.log) log_error(server_event::kind::handshake_failed, why, connected_to);
    leave_source(connected_to);
    connection_ended();
}

bool server_core::serve(owned_stream one, const address& connected_to, std::unique_ptr<peer_facts> facts) {
    bool has_place = false;
    try {
        connections_.emplace_back();
        has_place = true;
        address peer = connected_to;  // copied first: if this throws, the stream can still be reset
        connections_.back().reset(new connection(*this, std::move(one), std::move(peer), std::move(facts)));
    } catch (const std::bad_alloc&) {
        if (has_place) connections_.pop_back();
        leave_source(connected_to);
        reject(std::move(one), connected_to);
        return false;
    }
    ++counters_->accepted;
    counters_->open.set(connections_.size());
    connection& made = *connections_.back();
    made.place = static_cast<std::uint32_t>(connections_.size() - 1);
    channel client(made.core);
    log(server_event::kind::connected, "connected", &made.core.peer());
    try {
        made.handles.emplace(handles_(std::move(client)));
        here_.make_ready(made);
    } catch (const std::bad_alloc&) {
        made.has_ended = true;
        made.core.end_without_memory();
    } catch (const std::exception& thrown) {
        ++counters_->thrown;
        log(server_event::kind::thrown, thrown.what(), &made.core.peer());
        made.has_ended = true;
    } catch (...) {
        ++counters_->thrown;
        log(server_event::kind::thrown, "an exception that is not a std::exception", &made.core.peer());
        made.has_ended = true;
    }
    return true;
}

// The end of one connection.

void server_core::connection::run() {
    if (has_ended) return owner->forget(*this);
    trampoline::run(handles->begin(*this, chain));
}

void server_core::connection::task_ended(bool threw) noexcept {
    if (threw) {
        ++owner->counters_->thrown;
        try {
            handles->take();
        } catch (const std::bad_alloc& thrown) {
            owner->log(server_event::kind::thrown, thrown.what(), &core.peer());
            if (!is_closed) core.end_without_memory();
        } catch (const std::exception& thrown) {
            owner->log(server_event::kind::thrown, thrown.what(), &core.peer());
        } catch (...) {
            owner->log(server_event::kind::thrown, "an exception that is not a std::exception", &core.peer());
        }
    }
    has_ended = true;
    owner->here_.make_ready(*this);  // run() destroys its coroutine frame and the channel in it
}

void server_core::connection::channel_closed(const channel_core& one) noexcept {
    is_closed = true;  // set first, because the log may call stop()
    if (owner != nullptr) owner->count_end(one);
}

void server_core::connection::release(channel_core&) noexcept {
    if (owner == nullptr) {
        delete this;
    } else if (has_ended && !is_listed()) {
        owner->here_.make_ready(*this);
    }
}

void server_core::connection::leave_server() noexcept {
    owner = nullptr;
    unlist();
    handles.reset();
    if (is_closed) delete this;
}

void server_core::count_end(const channel_core& one) noexcept {
    leave_source(one.connected_to());
    counters_->end(one.close_reason_code());
    if (options_.log) log_end(one);
}

void server_core::leave_source(const address& peer) {
    if (most_of_a_source_ && peer.is_ip()) sources_->leave(peer);
}

void server_core::forget(connection& one) {
    one.handles.reset();
    if (!one.is_closed) {
        if (phase_ != phase::aborting) return;  // it is closing, or another task has the channel
        count_end(one.core);
    }
    const std::uint32_t place = one.place;
    std::swap(connections_[place], connections_.back());
    connections_[place]->place = place;
    connections_.pop_back();
    counters_->open.set(connections_.size());
    connection_ended();
}

// A connection has ended: another one may be accepted.
void server_core::connection_ended() noexcept {
    if (target_ != nullptr) dispatcher_->ended(*target_);
    resume_accepting();
}

void server_core::resume_accepting() noexcept {
    if (accepting_ == accept_state::paused && !has_stopped()) resume();
    end_if_over();
}

void server_core::resume() noexcept {
    accepting_ = accept_state::ready;
    unset();
    accept_soon();
}

// The end of the server.

void server_core::stop() {
    if (has_stopped()) return abort_all();
    phase_ = phase::draining;
    accepting_ = accept_state::ready;
    unset();
    listening_.reset();
    arrived_.reset();
    log(server_event::kind::draining, "no further connections; the open ones are drained");
    for (const auto& one : connections_) {
        if (!one->is_closed) one->core.stop();
    }
    handshakes_.cancel_all();
    const time_point now = here_.now();
    const bool is_bounded = options_.limits.drain && *options_.limits.drain <= time_point::max() - now;
    try {
        if (count() != 0 && is_bounded) here_.timers().set(*this, now + *options_.limits.drain);
    } catch (const std::bad_alloc&) {
        return abort_all();
    }
    end_if_over();
}

void server_core::abort_all(bool after_drain) noexcept {
    if (phase_ == phase::serving) stop();
    if (std::exchange(phase_, phase::aborting) == phase::aborting) return;
    unset();
    error why(errc::cancelled);
    try {
        why = error(errc::cancelled, {}, {}, "cancelled: aborted at the end of the service");
    } catch (const std::bad_alloc&) {
        why = error(errc::cancelled);
    }
    for (const auto& one : connections_) {
        if (!one->is_closed) {
            ++counters_->aborted;
            if (after_drain) counters_->hit(limit_kind::drain);
            log(server_event::kind::aborted, "aborted at the end of the service", &one->core.peer());
        }
        one->chain.request();
        if (!one->is_closed) one->core.abort(why);
        if (one->has_ended && !one->is_listed())
            here_.make_ready(*one);  // does not wait for the close: a handle of its channel may exist for ever
    }
}

void server_core::expire() {
    if (has_stopped()) return abort_all(true);
    accepting_ = accept_state::ready;
    accept_soon();
}

void server_core::end_if_over() noexcept {
    if (is_over() && completion_ != nullptr) std::exchange(completion_, nullptr)->over();
}

void server_core::log_end(const channel_core& one) const {
    const error& why = one.close_reason();
    if (why == errc::none) return log(server_event::kind::ended, "ended by its handler", &one.peer(), &why);
    log_error(server_event::kind::ended, why, one.peer());
}

void server_core::log_error(server_event::kind what, const error& why, const address& peer) const {
    std::string text;
    try {
        text = why.message();
    } catch (const std::bad_alloc&) {
        text.clear();
    }
    log(what, text.empty() ? to_string(why.code()) : text, &peer, &why);
}

void server_core::log(server_event::kind what, std::string_view text, const address* peer, const error* why) const {
    if (!options_.log) return;
    try {
        options_.log({what, text, peer, why});
    } catch (...) {
        return;  // a failing log does not stop the service
    }
}

}  // namespace weir::internal
