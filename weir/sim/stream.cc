#include "weir/sim/stream.h"

#include <algorithm>
#include <cstring>

#include "weir/loop/internal/arrival_place.h"
#include "weir/loop/internal/no_kernel.h"

namespace weir::sim::internal {

stream::stream(std::shared_ptr<connection> of, connection::side side, address here, address peer)
    : shared_(of->shared()), connection_(std::move(of)), side_(side), here_(std::move(here)), peer_(std::move(peer)),
      pending_receive_(shared_.counts.receives), pending_send_(shared_.counts.sends) {
    connection_->attach(side_, this);
}

stream::~stream() { shared_.release_descriptor(); }

bool stream::is_readable() const { return !connection_->arrived(side_).empty() || connection_->has_ended(side_); }

std::optional<arrival> stream::receive() {
    WEIR_CHECK(!pending_receive_, "receive() was called while a receive was pending");
    if (is_readable()) {
        if (!shared_.draw().flip()) return read();
        readable_later();
    }
    pending_receive_.begin();
    return {};
}

void stream::readable_later() {
    shared_.later({}, [of = connection_, side = side_] { of->notify_readable(side); });
}

void stream::readable() {
    if (!pending_receive_ || !is_readable()) return;
    pending_receive_.end();
    arrival came = read();
    shared_.notify([&] { current_user().on_received(std::move(came)); });
}

arrival stream::read() {
    buffer& arrived = connection_->arrived(side_);
    const std::uint64_t number = connection_->number() * 2 + side_;
    if (arrived.empty()) {
        shared_.note(trace_event::received, number);
        return {connection_->how_ended(side_), {}};
    }
    weir::internal::arrival_place place(current_user(), shared_.memory, block_);
    const std::size_t size = shared_.part_of(std::min(place.capacity(), arrived.size()));
    std::memcpy(place.data(), arrived.data(), size);
    shared_.note(trace_event::received, number, arrived.view().first(size));
    arrived.consume(size);
    connection_->window_opened(side_);
    return place.filled(size);
}

std::optional<outcome> stream::send(buffer& bytes) {
    WEIR_CHECK(!pending_send_, "send() was called while a send was pending");
    WEIR_CHECK(!bytes.empty(), "send() of an empty buffer");
    if (const outcome refused = connection_->refusal(side_); !refused.good()) {
        bytes.clear();
        return refused;
    }
    unsent_.swap(bytes);
    const std::size_t room = std::min(connection_->room(side_), unsent_.size());
    hand_over(shared_.part_or_none(room));
    if (unsent_.empty()) return outcome{};
    pending_send_.begin();
    writable_later();
    return {};
}

void stream::hand_over(std::size_t size) {
    if (size == 0) return;
    connection_->take(side_, unsent_.view().first(size));
    unsent_.consume(size);
}

// Does nothing if there is no room: the connection notifies the stream when there is room.
void stream::writable_later() {
    if (connection_->room(side_) == 0) return;
    shared_.later({}, [of = connection_, side = side_] { of->notify_writable(side); });
}

void stream::writable() {
    if (!pending_send_) return;
    const outcome refused = connection_->refusal(side_);
    if (refused.good()) {
        hand_over(shared_.part_of(std::min(connection_->room(side_), unsent_.size())));
        if (!unsent_.empty()) return writable_later();
    }
    shared_.memory.spares().keep(unsent_);
    pending_send_.end();
    shared_.notify([&] { current_user().on_sent(refused); });
}

std::optional<outcome> stream::shutdown_send() {
    WEIR_CHECK(!pending_send_, "shutdown_send() was called while a send was pending");
    return connection_->shut(side_);
}

std::optional<outcome> stream::halt() {
    pending_receive_.end();
    pending_send_.end();
    return outcome{};
}

void stream::close(bool reset) noexcept {
    shared_.check_may_close();
    connection_->close(side_, reset);
    delete this;
}

result<kernel_view> stream::ask_kernel() const { return weir::internal::no_kernel(); }

}  // namespace weir::sim::internal
