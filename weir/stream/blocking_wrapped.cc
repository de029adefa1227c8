// Blocking channels with wrappers, or on any byte stream. They are in a separate file because they need a loop.
#include <memory>
#include <utility>

#include "weir/stream/blocking_channel.h"
#include "weir/stream/internal/driven_stream.h"
#include "weir/stream/internal/name_of_peer.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir {

result<blocking_channel> blocking_channel::adopt(weir::socket connection, wrappers through, framing described,
                                                 deadline until) {
    if (through.empty()) return adopt(std::move(connection), std::move(described));
    const address peer = internal::name_of_peer(connection);
    // The task on the other thread refers to these variables. open() returns only after this task has ended.
    framing framed = internal::framing_behind(through, std::move(described)).described;
    peer_facts facts;
    auto driven = internal::driven_stream::open(
        [&]() -> task<result<owned_stream>> {
            auto below = internal::stream_of(std::move(connection));
            if (!below) co_return below.error();
            task<result<owned_stream>> wrapping = internal::wrap_client(std::move(*below), through, facts, peer, until);
            auto wrapped = co_await std::move(wrapping);
            co_return wrapped;
        },
        peer);
    if (!driven) return driven.error();
    return blocking_channel(std::move(*driven), std::move(framed), std::move(facts));
}

result<blocking_channel> blocking_channel::adopt_stream(std::function<task<result<owned_stream>>()> make,
                                                        framing described) {
    auto driven = internal::driven_stream::open(std::move(make));
    if (!driven) return driven.error();
    return blocking_channel(std::move(*driven), std::move(described), peer_facts());
}

}  // namespace weir
