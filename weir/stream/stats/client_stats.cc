#include "weir/stream/stats/client_stats.h"

#include <utility>

#include "weir/loop/loop.h"
#include "weir/stream/internal/channel/channel_pool.h"
#include "weir/stream/internal/connection_counters.h"

namespace weir {

client_stats& client_stats::operator+=(const client_stats& other) noexcept {
    connection_stats::operator+=(other);
    opened += other.opened;
    not_connected += other.not_connected;
    return *this;
}

client_stats& client_stats::operator-=(const client_stats& earlier) noexcept {
    connection_stats::operator-=(earlier);
    opened -= earlier.opened;
    not_connected -= earlier.not_connected;
    return *this;
}

live_client_stats::live_client_stats(std::shared_ptr<const internal::client_counters> of) noexcept
    : counters_(std::move(of)) {}

live_client_stats live_client_stats::of_this_loop() {
    return live_client_stats(loop::current().part<internal::channel_pool>().clients());
}

client_stats live_client_stats::now() const noexcept {
    client_stats all;
    counters_->read(all);
    all.opened = counters_->opened.now();
    all.not_connected = counters_->not_connected.now();
    return all;
}

void internal::connection_counters::read(connection_stats& into) const noexcept {
    into.open = open.now();
    into.messages = {messages_received.now(), messages_sent.now(), messages_skipped.now(), bytes_received.now(),
                     bytes_sent.now()};
    for (std::size_t i = 0; i < ended.size(); ++i) into.ended[i] = ended[i].now();
    for (std::size_t i = 0; i < limits_hit.size(); ++i) into.limits_hit[i] = limits_hit[i].now();
    into.held_bytes = held_bytes.now();
    into.queued_bytes = queued_bytes.now();
}

}  // namespace weir
