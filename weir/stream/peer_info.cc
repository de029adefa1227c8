#include "weir/stream/peer_info.h"

#include "weir/stream/internal/channel/channel_core.h"

namespace weir {

const address& peer_info::address() const noexcept { return of_.peer(); }

result<credentials> peer_info::credentials() const {
    const byte_stream* const below = of_.below();
    if (below == nullptr) return error(errc::cancelled, "peer_credentials", to_string());
    return below->peer_credentials();
}

const peer_facts& peer_info::facts() const noexcept {
    static const peer_facts none;
    const peer_facts* const found = of_.facts();
    return found == nullptr ? none : *found;
}

}  // namespace weir
