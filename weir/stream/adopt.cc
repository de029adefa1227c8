#include "weir/stream/adopt.h"

#include <memory>
#include <new>
#include <utility>

#include "weir/base/check.h"
#include "weir/loop/loop.h"
#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir {

result<channel> adopt(socket connected, framing described, const channel_limits& limits) try {
    auto made = internal::stream_of(std::move(connected));
    if (!made) return made.error();
    return adopt_stream(std::move(*made), std::move(described), limits);
} catch (const std::bad_alloc&) {
    return error(errc::no_memory, "adopt");
}

task<result<channel>> adopt(socket connected, wrappers through, framing described, channel_limits limits,
                            deadline until) {
    auto made = internal::stream_of(std::move(connected));
    if (!made) co_return made.error();
    task<result<channel>> wrapping =
        adopt_stream(std::move(*made), std::move(through), std::move(described), limits, until);
    auto wrapped = co_await std::move(wrapping);
    co_return wrapped;
}

task<result<channel>> internal::adopt_wrapped(owned_stream connected, wrappers through, framing described,
                                              channel_limits limits, deadline until,
                                              std::unique_ptr<peer_facts> facts) {
    WEIR_CHECK(connected != nullptr, "adopt_stream(): the stream is null");
    try {
        address peer = connected->peer_address();
        auto [framed, is_fixed] = framing_behind(through, std::move(described));
        task<result<owned_stream>> wrapping = wrap_client(std::move(connected), through, *facts, peer, until);
        auto wrapped = co_await std::move(wrapping);
        if (!wrapped) co_return wrapped.error();
        auto terms = std::make_shared<channel_terms>(std::move(framed), limits, is_fixed);
        co_return channel(channel_core::make(std::move(*wrapped), std::move(terms), std::move(peer), std::move(facts)));
    } catch (const std::bad_alloc&) {
        co_return error(errc::no_memory, "adopt");
    }
}

task<result<channel>> adopt_stream(owned_stream connected, wrappers through, framing described, channel_limits limits,
                                   deadline until) {
    return internal::adopt_wrapped(std::move(connected), std::move(through), std::move(described), limits, until,
                                   std::make_unique<peer_facts>());
}

channel adopt_stream(owned_stream connected, framing described, const channel_limits& limits) {
    WEIR_CHECK(connected != nullptr, "adopt_stream(): the stream is null");
    address peer = connected->peer_address();
    return {std::move(connected), std::move(described), limits, std::move(peer)};
}

result<channel> adopt(detached_connection connected, framing described, const channel_limits& limits) {
    auto made = adopt(std::move(connected.connection), std::move(described), limits);
    if (!made) return made;
    made->core().resume_detached(connected.unread.view(), std::move(connected.unsent), false, connected.output_ended);
    return made;
}

channel adopt_stream(detached_stream connected, framing described, const channel_limits& limits) {
    channel made = adopt_stream(std::move(connected.stream), std::move(described), limits);
    made.core().resume_detached(connected.unread.view(), std::move(connected.unsent), connected.input_ended,
                                connected.output_ended);
    return made;
}

}  // namespace weir
