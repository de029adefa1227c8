#include "weir/stream/channel.h"

#include <memory>

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

}  // namespace weir
