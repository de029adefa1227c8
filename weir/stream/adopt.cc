#include "weir/stream/adopt.h"

#include <new>
#include <utility>

#include "weir/base/check.h"
#include "weir/loop/loop.h"
#include "weir/socket/internal/check_use.h"

namespace weir {

result<channel> adopt(socket connected, framing described, const channel_limits& limits) try {
    if (auto right = internal::check_connected(connected); !right) return right.error();
    if (auto set = connected.set_blocking(false); !set) return set.error();
    if (connected.family() != address_family::local) static_cast<void>(connected.set(option::no_delay, true));
    auto made = loop::current().backend().adopt(std::move(connected));
    if (!made) return made.error().during("adopt", {});
    return adopt_stream(std::move(*made), std::move(described), limits);
} catch (const std::bad_alloc&) {
    return error(errc::no_memory, "adopt");
}

channel adopt_stream(owned_stream connected, framing described, const channel_limits& limits) {
    WEIR_CHECK(connected != nullptr, "adopt_stream() of no stream");
    address peer = connected->peer_address();
    return {std::move(connected), std::move(described), limits, std::move(peer)};
}

result<channel> adopt(detached_connection connected, framing described, const channel_limits& limits) {
    auto made = adopt(std::move(connected.connection), std::move(described), limits);
    if (!made) return made;
    made->core().go_on_with(connected.unread.view(), std::move(connected.unsent), false, connected.output_ended);
    return made;
}

channel adopt_stream(detached_stream connected, framing described, const channel_limits& limits) {
    channel made = adopt_stream(std::move(connected.stream), std::move(described), limits);
    made.core().go_on_with(connected.unread.view(), std::move(connected.unsent), connected.input_ended,
                           connected.output_ended);
    return made;
}

}  // namespace weir
