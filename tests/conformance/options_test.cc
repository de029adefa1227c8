// The option types that are passed to coroutines are not aggregates: g++ 12 destroys temporary aggregates in a
// co_await expression twice.
#include <doctest/doctest.h>

#include <type_traits>

#include "weir/weir.h"

namespace {

template <class... Options>
constexpr bool no_aggregates = (... && !std::is_aggregate_v<Options>);

static_assert(no_aggregates<weir::channel_limits, weir::limits, weir::server_options, weir::serve_options,
                            weir::listen_options, weir::sim::network_options, weir::send_options, weir::receive_options,
                            weir::framing, weir::address, weir::deadline>);

}  // namespace

TEST_CASE("option types are not aggregates, and can be passed as temporaries") {
    weir::limits how;
    how.connections.reset();
    CHECK_FALSE(how.connections);
    CHECK(weir::limits().connections == 10'000);
}
