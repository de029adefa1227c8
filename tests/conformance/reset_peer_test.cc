// A connection that its peer reset before it was accepted.
#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// The client resets its connection before it is accepted.
task<> address_of_a_reset_peer() {
    for (const char* const here : {"127.0.0.1:0", "[::1]:0"}) {
        auto listening = loop::current().backend().listen(here, {});
        REQUIRE(listening);
        const address where = (*listening)->local_address();
        auto client =
            weir::socket::open(here[0] == '[' ? weir::socket::ipv6 : weir::socket::ipv4, weir::socket::stream);
        REQUIRE(client);
        REQUIRE(client->connect(where));
        const auto mine = client->local_address();
        REQUIRE(mine);
        REQUIRE(client->set(option::linger, 0s));
        REQUIRE(client->close());
        accepting arrives(**listening);
        const accepted_connection one = co_await arrives;
        REQUIRE(one.how.good());
        CHECK(one.peer.to_string() == mine->to_string());
        CHECK(one.connection->peer_address().to_string() == mine->to_string());
    }
}

}  // namespace

TEST_CASE("the address of a peer that reset its connection before it was accepted is known") {
    on_each_kernel_backend(&address_of_a_reset_peer);
}
