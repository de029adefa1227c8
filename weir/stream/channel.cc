#include "weir/stream/channel.h"

#include <memory>
#include <utility>

#include "weir/stream/internal/channel/channel_halting.h"

namespace weir {

channel::channel(owned_stream below, framing described, const channel_limits& limits, address peer)
    : channel(internal::channel_core::make(
          std::move(below), std::make_shared<internal::channel_terms>(std::move(described), limits), std::move(peer))) {
}

result<kernel_view> channel::ask_kernel() const {
    byte_stream* const below = core().below();
    if (below == nullptr) return error(errc::cancelled, "ask the kernel", peer().to_string());
    return below->ask_kernel();
}

task<result<detached_stream>> channel::detach_stream() {
    internal::channel_halting stops(core());  // NOLINT(misc-const-correctness): awaiting changes it
    auto given = co_await stops;
    if (!given) co_return given.error();
    co_return detached_stream{std::move(*given), std::move(stops.unread), std::move(stops.unsent), stops.has_ended};
}

task<result<detached_connection>> channel::detach() {
    const byte_stream* const below = core().below();
    if (below != nullptr && !below->has_socket())
        co_return error(errc::unsupported, "detach", peer().to_string(), "this stream has no socket");
    task<result<detached_stream>> stopping = detach_stream();
    auto given = co_await std::move(stopping);
    if (!given) co_return given.error();
    auto parts = given->stream->take_apart();
    if (!parts) co_return parts.error().during("detach", peer().to_string());
    static_cast<void>(given->stream.release());
    given->unread.append(parts->unread.view());
    co_return detached_connection{std::move(parts->connection), std::move(given->unread), std::move(given->unsent)};
}

}  // namespace weir
