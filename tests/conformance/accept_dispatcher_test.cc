// weir/service/internal/accept_dispatcher.h: chooses the loop that gets a new connection.
#include <map>
#include <memory>

#include "tests/conformance/backends.h"
#include "weir/service/internal/accept_dispatcher.h"

using namespace weir_test;

namespace {

internal::accept_dispatcher::accepted a_connection() {
    auto pair = socket_pair();
    REQUIRE(pair);
    return {std::move(pair->first), {}};
}

}  // namespace

TEST_CASE("loops get connections in turn, except for loops that have many more than the others") {
    loop here(system_backend());
    const auto all = std::make_shared<internal::accept_dispatcher>();
    const auto first = all->join(here, {}, nullptr);
    const auto second = all->join(here, 100, nullptr);
    const auto third = all->join(here, {}, nullptr);
    const auto assign = [&](int count) {
        int mine = 0;
        for (int i = 0; i < count; ++i) mine += all->assign(a_connection(), *first).has_value();
        return mine;
    };
    const auto take = [&](internal::accept_dispatcher::target& one) {
        int count = 0;
        while (all->take(one)) ++count;
        return count;
    };
    CHECK(assign(30) == 10);
    CHECK(take(*second) == 10);
    CHECK(take(*third) == 10);
    // All connections of the second loop end. It gets more than its share only when the others have many more.
    for (int i = 0; i < 10; ++i) all->ended(*second);
    CHECK(assign(90) == 30);
    CHECK(take(*second) == 30);
    for (int i = 0; i < 30; ++i) all->ended(*second);
    take(*third);
    CHECK(assign(6) == 0);
    CHECK(take(*second) == 6);
    // A full loop gets no connection. A loop that has left the dispatcher does not count as a loop with room.
    CHECK(assign(300) > 100);
    take(*second);
    CHECK_FALSE(all->waits_for_room(first));
    all->leave(*third);
    CHECK(assign(60) == 60);
    all->leave(*first);
    CHECK(all->waits_for_room(second));
    CHECK_FALSE(all->assign(a_connection(), *first));
    CHECK(take(*second) == 0);
    all->leave(*second);
}
