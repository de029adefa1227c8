#include "weir/stream/channel.h"

#include <memory>
#include <new>
#include <utility>

#include "weir/stream/internal/channel/detach_awaiter.h"
#include "weir/stream/internal/wrapping_stream.h"

namespace weir {
namespace {

// If the socket cannot be taken out of the stream, the connection is reset. After a close, the peer would read a clean
// end of the stream although output is lost.
result<detached_connection> connection_of(detached_stream& given, const address& peer) {
    byte_stream* const stream = given.stream.release();
    error why(errc::no_memory);
    try {
        auto connection = stream->take_apart(given.unread);
        if (connection) {
            return detached_connection(std::move(*connection), std::move(given.unread), std::move(given.unsent),
                                       given.output_ended);
        }
        why = connection.error();
    } catch (const std::bad_alloc&) {
        why = error(errc::no_memory);
    }
    stream->close(true);
    return why.during("detach", peer.to_string());
}

}  // namespace

channel::channel(owned_stream below, framing described, const channel_limits& limits, address peer)
    : channel(internal::channel_core::make(
          std::move(below), std::make_shared<internal::channel_terms>(std::move(described), limits), std::move(peer))) {
}

result<kernel_view> channel::ask_kernel() const {
    byte_stream* const below = core().below();
    if (below == nullptr) return error(errc::cancelled, "ask the kernel", peer().to_string());
    return below->ask_kernel();
}

task<result<void>> channel::replace_stream(wrappers through) {
    const internal::channel_handle stays(core());
    auto flushed = co_await flush();
    if (!flushed) co_return flushed.error();
    // NOLINTNEXTLINE(misc-const-correctness): awaiting changes it
    internal::replace_stream_awaiter waits(stays.core(), std::move(through));
    co_return co_await waits;
}

task<result<detached_stream>> channel::detach_stream() {
    internal::detach_awaiter stops(core());  // NOLINT(misc-const-correctness): awaiting changes it
    auto given = co_await stops;
    if (!given) co_return given.error();
    co_return detached_stream(std::move(*given), std::move(stops.unread), std::move(stops.unsent.bytes()),
                              stops.input_ended, stops.output_ended);
}

task<result<detached_connection>> channel::detach() {
    const byte_stream* const below = core().below();
    if (below != nullptr && !below->has_socket())
        co_return error(errc::unsupported, "detach", peer().to_string(), "this stream has no socket");
    task<result<detached_stream>> stopping = detach_stream();
    auto given = co_await std::move(stopping);
    if (!given) co_return given.error();
    co_return connection_of(*given, peer().address());
}

}  // namespace weir
