// Connecting to several addresses at once. A listener with a full queue plays a host that does not answer.
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>

#include "tests/socket/support.h"
#include "weir/socket/connect_to.h"
#include "weir/socket/internal/connect_race.h"
#include "weir/socket/names/resolve.h"

using namespace weir_test;
using weir::connect_to;

namespace {

// An address that does not answer a connect.
struct black_hole {
    explicit black_hole(address_family family) : listening(family, 0), waiting(listening.fill_queue()) {}
    server listening;
    std::vector<weir::socket> waiting;
};

address refusing(address_family family) {
    const server gone(family);
    return gone.here;
}

std::vector<address> parsed(std::initializer_list<const char*> texts) {
    std::vector<address> made;
    for (const auto* const text : texts) made.push_back(*address::parse(text));
    return made;
}

}  // namespace

TEST_CASE("the addresses of the two families alternate, and the first address stays the first") {
    CHECK(weir::internal::interleaved({}).empty());
    CHECK(weir::internal::interleaved(parsed({"[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1"})) ==
          parsed({"[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"}));
    CHECK(weir::internal::interleaved(parsed({"1.1.1.1:1", "1.1.1.2:1", "[::1]:1"})) ==
          parsed({"1.1.1.1:1", "[::1]:1", "1.1.1.2:1"}));
    CHECK(weir::internal::interleaved(parsed({"1.1.1.2:1", "1.1.1.1:1"})) == parsed({"1.1.1.2:1", "1.1.1.1:1"}));
}

TEST_CASE_FIXTURE(counted,
                  "after a quarter of a second without an answer the next address is tried; late attempts are closed") {
    const black_hole silent(weir::socket::ipv6);
    server answering(weir::socket::ipv4);
    const std::array<address, 2> peers{silent.listening.here, answering.here};
    const std::size_t before = open_descriptors();
    const auto start = weir::now();
    auto client = connect_to(peers, within(20s));
    const auto took = weir::now() - start;
    REQUIRE_MESSAGE(client, (client ? "" : client.error().message()));
    CHECK(took >= weir::internal::connection_attempt_delay);
    CHECK(took < 10s);
    CHECK(*client->peer_address() == answering.here);
    CHECK(open_descriptors() == before + 1);
    CHECK((::fcntl(client->fd(), F_GETFL) & O_NONBLOCK) == 0);
    auto accepted = answering.listener.accept(within(10s));
    REQUIRE(client->send("through"));
    CHECK(accepted->connection.receive(10)->text() == "through");
    REQUIRE(accepted->connection.set(weir::option::linger, 0s));
    REQUIRE(accepted->connection.close());
    CHECK(client->receive(1).error().message() ==
          "receive " + answering.here.to_string() + ": connection reset by the peer");
}

TEST_CASE_FIXTURE(counted, "after a failed attempt the next attempt begins at once") {
    server answering(weir::socket::ipv4);
    std::vector<address> peers(40, refusing(weir::socket::ipv6));
    peers.push_back(answering.here);
    std::swap(peers.back(), peers[peers.size() / 2]);
    auto fastest = weir::duration::max();
    for (int i = 0; i < 10; ++i) {  // a busy machine may delay single attempts
        const auto start = weir::now();
        CHECK(connect_to(peers, within(20s)));
        fastest = std::min(fastest, weir::now() - start);
    }
    CHECK(fastest < weir::internal::connection_attempt_delay);
}

TEST_CASE_FIXTURE(counted, "a slow address is used if the later addresses fail") {
    black_hole slow(weir::socket::ipv6);
    const std::array<address, 2> peers{slow.listening.here, refusing(weir::socket::ipv4)};
    weir::result<weir::socket> client = weir::error(errc::none);
    blocked_thread connecting([&] { client = connect_to(peers, within(20s)); });
    REQUIRE(connecting.await_sleep());
    for (std::size_t i = 0; i < slow.waiting.size(); ++i) REQUIRE(slow.listening.listener.accept(within(10s)));
    connecting.join();
    REQUIRE_MESSAGE(client, (client ? "" : client.error().message()));
    CHECK(*client->peer_address() == slow.listening.here);
}

TEST_CASE_FIXTURE(counted, "one deadline applies to all attempts, and the error names each address") {
    const black_hole silent(weir::socket::ipv6);
    const address refused = refusing(weir::socket::ipv4);
    const std::array<address, 3> peers{refused, silent.listening.here, silent.listening.here};
    const auto start = weir::now();
    const auto failed = connect_to(peers, within(60ms));
    CHECK(weir::now() - start >= 60ms);
    CHECK(weir::now() - start < 10s);
    REQUIRE(failed == errc::timed_out);
    const std::string late = "; " + silent.listening.here.to_string() + ": timed out: the deadline passed";
    CHECK(failed.error().detail() == "none of 3 addresses answered; " + refused.to_string() +
                                         ": connection refused: no program listens on this address" + late + late);
    CHECK(connect_to(peers, within(-1s)) == errc::timed_out);
    server answering(weir::socket::ipv4);
    const std::array<address, 2> good{answering.here, silent.listening.here};
    CHECK(connect_to(std::span<const address>()) == errc::invalid);
    CHECK(connect_to(good, within(10s)));
}

// Plays a name server that never answers, in a separate mount namespace.
TEST_CASE_FIXTURE(counted, "a name server that never answers does not delay a call beyond its deadline") {
    const folder place;
    std::ofstream(place.path("resolv.conf")) << "nameserver 127.0.0.1\noptions timeout:30\n";
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool alone =
            ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            ::mount(place.path("resolv.conf").c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0;
        auto silent = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
        if (!alone || !silent->bind("127.0.0.1:53")) ::_exit(3);
        const auto start = weir::now();
        const auto found = weir::resolve("weir.example:80", weir::socket::stream, within(50ms));
        const auto took = weir::now() - start;
        // The resolver sent no query: this machine has no address (AI_ADDRCONFIG), or resolves names in another way.
        if (found == errc::not_found) ::_exit(3);
        ::_exit(found == errc::timed_out && took >= 50ms && took < 10s ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 3) {
        MESSAGE("a name server cannot be played here: needs root and the port 53");
    } else {
        CHECK(WEXITSTATUS(status) == 0);
    }
}

TEST_CASE_FIXTURE(counted, "among Unix sockets with full queues, the first with room gets the connection") {
    black_hole first(weir::socket::local);
    black_hole second(weir::socket::local);
    const std::array<address, 2> peers{first.listening.here, second.listening.here};
    CHECK(connect_to(peers, within(30ms)) == errc::timed_out);
    weir::result<weir::socket> made = weir::error(errc::invalid);
    blocked_thread connecting([&] { made = connect_to(peers, within(20s)); });
    REQUIRE(connecting.await_sleep());
    for (std::size_t i = 0; i < second.waiting.size(); ++i) REQUIRE(second.listening.listener.accept(within(10s)));
    connecting.join();
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    CHECK(*made->peer_address() == second.listening.here);
    CHECK((::fcntl(made->fd(), F_GETFL) & O_NONBLOCK) == 0);
}
