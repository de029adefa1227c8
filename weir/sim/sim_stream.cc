#include "weir/sim/sim_stream.h"

#include <algorithm>
#include <cstring>

#include "weir/loop/arrival_place.h"
#include "weir/loop/no_kernel.h"

namespace weir {

sim_stream::sim_stream(std::shared_ptr<sim_connection> of, sim_connection::side side, address here, address peer)
    : world_(of->world()), connection_(std::move(of)), side_(side), here_(std::move(here)), peer_(std::move(peer)),
      receiving_(world_.counts.receives), is_sending_(world_.counts.sends) {
    connection_->attach(side_, this);
}

sim_stream::~sim_stream() { world_.give_descriptor(); }

bool sim_stream::is_readable() const { return !connection_->arrived(side_).empty() || connection_->has_ended(side_); }

std::optional<arrival> sim_stream::receive() {
    WEIR_CHECK(!receiving_, "a stream was asked for more while a receive was on its way");
    if (is_readable()) {
        if (!world_.draw().flip()) return read();
        readable_later();
    }
    receiving_.begin();
    return {};
}

void sim_stream::readable_later() {
    world_.later({}, [of = connection_, side = side_] { of->tell_readable(side); });
}

void sim_stream::readable() {
    if (!receiving_ || !is_readable()) return;
    receiving_.end();
    arrival came = read();
    world_.tell([&] { told().received(std::move(came)); });
}

arrival sim_stream::read() {
    buffer& arrived = connection_->arrived(side_);
    const std::uint64_t number = connection_->number() * 2 + side_;
    if (arrived.empty()) {
        world_.note(happening::received, number);
        return {connection_->how_ended(side_), {}};
    }
    arrival_place place(told(), world_.blocks, block_);
    const std::size_t size = world_.part_of(std::min(place.capacity(), arrived.size()));
    std::memcpy(place.data(), arrived.data(), size);
    world_.note(happening::received, number, arrived.view().first(size));
    arrived.consume(size);
    connection_->made_room(side_);
    return place.filled(size);
}

std::optional<outcome> sim_stream::send(buffer& bytes) {
    WEIR_CHECK(!is_sending_, "a stream was given more while a send was on its way");
    WEIR_CHECK(!bytes.empty(), "a stream was given nothing to send");
    if (const outcome refused = connection_->refusal(side_); !refused.good()) {
        bytes.clear();
        return refused;
    }
    sending_.swap(bytes);
    const std::size_t room = std::min(connection_->room(side_), sending_.size());
    hand_over(world_.part_or_none(room));
    if (sending_.empty()) return outcome{};
    is_sending_.begin();
    writable_later();
    return {};
}

void sim_stream::hand_over(std::size_t size) {
    if (size == 0) return;
    connection_->take(side_, sending_.view().first(size));
    sending_.consume(size);
}

// Where there is no room it is called again once there is.
void sim_stream::writable_later() {
    if (connection_->room(side_) == 0) return;
    world_.later({}, [of = connection_, side = side_] { of->tell_writable(side); });
}

void sim_stream::writable() {
    if (!is_sending_) return;
    const outcome refused = connection_->refusal(side_);
    if (refused.good()) {
        hand_over(world_.part_of(std::min(connection_->room(side_), sending_.size())));
        if (!sending_.empty()) return writable_later();
    }
    sending_.release();
    is_sending_.end();
    world_.tell([&] { told().sent(refused); });
}

std::optional<outcome> sim_stream::shutdown_send() {
    WEIR_CHECK(!is_sending_, "shutdown_send() while a send was on its way");
    return connection_->shut(side_);
}

void sim_stream::close(bool reset) noexcept {
    world_.check_may_close();
    connection_->close(side_, reset);
    delete this;
}

result<kernel_view> sim_stream::ask_kernel() const { return no_kernel(); }

}  // namespace weir
