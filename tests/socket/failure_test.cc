// Failures: each error has its code, its operation and its address. No failure leaks anything.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/socket/support.h"
#include "weir/socket/internal/system_error.h"

using namespace weir_test;

TEST_CASE_FIXTURE(counted, "the second send after the peer has closed is broken_pipe, and there is no SIGPIPE") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        REQUIRE(peer.close());
        CHECK(client.receive(10)->empty());
        const auto first = client.send("one");
        CHECK(static_cast<bool>(first) == (family != weir::socket::local));  // a Unix socket reports it at once
        const auto second = client.send("two");
        CHECK(second == errc::broken_pipe);
        CHECK(second.error().message() ==
              "send " + listening.here.to_string() + ": broken pipe: the connection has ended");
        const auto all = client.send_all("three");
        CHECK(all == errc::broken_pipe);
        CHECK(all.error().message() ==
              "send " + listening.here.to_string() + ": broken pipe: the connection has ended: 0 of 5 bytes were sent");
    });
}

TEST_CASE_FIXTURE(counted, "a peer that closes with unread input resets the connection") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        REQUIRE(client.send("unread"));
        std::array<std::byte, 1> first{};
        REQUIRE(*peer.receive(first) == 1);  // so the data has arrived
        REQUIRE(peer.close());
        const auto data = client.receive(10);
        CHECK(data == errc::reset);
        CHECK(data.error().message() == "receive " + listening.here.to_string() + ": connection reset by the peer");
        CHECK(data.error().system_code() == ECONNRESET);
    });
}

TEST_CASE_FIXTURE(counted, "connecting to an address without a listener is refused") {
    on_each_family([](address_family family) {
        const folder place;
        weir::socket bound = open_stream(family);
        REQUIRE(bound.bind(fresh_address(family, place)));
        const auto there = *bound.local_address();
        for (const auto until : {weir::deadline::never(), within(20s)}) {
            weir::socket client = open_stream(family);
            const auto refused = client.connect(there, until);
            CHECK(refused == errc::refused);
            CHECK(refused.error().message() ==
                  "connect " + there.to_string() + ": connection refused: no program listens on this address");
        }
    });
}

TEST_CASE_FIXTURE(counted, "binding to an address in use is the error in_use") {
    on_each_family([](address_family family) {
        server listening(family);
        weir::socket second = open_stream(family);
        REQUIRE(second.set(weir::option::reuse_address, true));
        const auto bound = second.bind(listening.here);
        CHECK(bound == errc::in_use);
        CHECK(bound.error().message().starts_with(
            "bind " + listening.here.to_string() +
            ": address already in use: this program listens there already: close that socket"));
    });
}

TEST_CASE_FIXTURE(counted, "the error of a wrong call says what is wrong") {
    weir::socket ipv4 = open_stream(weir::socket::ipv4);
    weir::socket ipv6 = open_stream(weir::socket::ipv6);
    weir::socket local = open_stream(weir::socket::local);
    const auto words = [](const weir::result<void>& failed) { return failed ? "worked" : failed.error().message(); };
    CHECK(words(ipv4.bind("[::1]:0"))
              .ends_with("the family of the socket is ipv4, but the family of the address is ipv6"));
    CHECK(words(ipv6.bind("127.0.0.1:0"))
              .ends_with("the family of the socket is ipv6, but the family of the address is ipv4"));
    CHECK(words(local.connect("127.0.0.1:1"))
              .ends_with("the family of the socket is local, but the family of the address is ipv4"));
    CHECK(words(ipv6.connect("127.0.0.1:1"))
              .ends_with("the family of the socket is ipv6, but the family of the address is ipv4"));
    CHECK(words(ipv4.bind(address())) == "bind none: this address was never set");
    CHECK(words(ipv4.bind("192.0.2.1:0")) == "bind 192.0.2.1:0: not an address of this machine");
    CHECK(
        words(ipv6.bind("[fe80::1]:0")).ends_with("a link-local address needs its interface, as in [fe80::1%eth0]:80"));
    CHECK(words(ipv4.bind("127.0.0.1")) == "resolve 127.0.0.1: the port is missing: write 127.0.0.1:9000");
    REQUIRE(ipv4.bind("127.0.0.1:0"));
    CHECK(words(ipv4.bind("127.0.0.1:0")) ==
          "bind 127.0.0.1:0: invalid argument (EINVAL): the socket is bound already");
    const folder place;
    CHECK(words(local.bind(place.text("no/such"))).ends_with("the folder does not exist"));
    CHECK(local.connect(place.text("nobody")) == errc::not_found);
    const auto accepted = open_stream(weir::socket::ipv6).accept();
    CHECK(accepted == errc::invalid);
    CHECK(accepted.error().message() ==
          "accept [::]:0: invalid argument (EINVAL): the socket does not listen: call listen() first");
    auto datagram = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    for (const auto until : {weir::deadline::never(), within(10s)}) CHECK(datagram->accept(until) == errc::unsupported);
    CHECK(datagram->listen() == errc::unsupported);
    CHECK(ipv6.receive(1) == errc::not_connected);
    CHECK(ipv6.receive(1).error().message() == "receive: not connected");
    CHECK(ipv6.peer_address() == errc::not_connected);
    CHECK(ipv6.receive(std::size_t{0}) == errc::invalid);
}

TEST_CASE_FIXTURE(counted, "connecting twice is the error already_connected, with and without a deadline") {
    on_each_family([](address_family family) {
        server listening(family);
        for (const auto until : {weir::deadline::never(), within(20s)}) {
            weir::socket client = open_stream(family);
            REQUIRE(client.connect(listening.here, until));
            CHECK(client.connect(listening.here, until) == errc::already_connected);
        }
    });
}

TEST_CASE_FIXTURE(counted, "every call on a socket that is not open returns invalid, and affects no other descriptor") {
    server listening(weir::socket::ipv4);
    weir::socket closed = listening.connect();
    REQUIRE(closed.close());
    CHECK(closed.close());
    weir::socket never_opened;
    weir::socket moved_from = listening.connect();
    const weir::socket moved_to = std::move(moved_from);
    for (weir::socket* const one : {&closed, &never_opened, &moved_from}) {
        CHECK_FALSE(one->is_open());
        CHECK(one->fd() == -1);
        for (const auto until : {weir::deadline::never(), within(10s)}) {
            CHECK(one->accept(until) == errc::invalid);
            CHECK(one->connect(listening.here, until) == errc::invalid);
            CHECK(one->connect("unix:@nobody", until) == errc::invalid);
            CHECK(one->connect("localhost:1", until) == errc::invalid);
            CHECK(one->receive(1, until) == errc::invalid);
            CHECK(one->send("x", until) == errc::invalid);
            CHECK(one->send_all("x", until) == errc::invalid);
            CHECK(one->send_all("", until) == errc::invalid);
        }
        CHECK(one->bind("127.0.0.1:0") == errc::invalid);
        CHECK(one->bind("localhost:0") == errc::invalid);
        CHECK(one->listen() == errc::invalid);
        CHECK(one->shutdown(half::both) == errc::invalid);
        CHECK(one->set_blocking(false) == errc::invalid);
        CHECK(one->local_address() == errc::invalid);
        CHECK(one->peer_address() == errc::invalid);
        CHECK(one->set(weir::option::no_delay, true) == errc::invalid);
        CHECK(one->get(weir::option::no_delay) == errc::invalid);
        CHECK(one->set_option(1, 2, "abcd") == errc::invalid);
        CHECK(one->get_option(1, 2, 4) == errc::invalid);
        CHECK(one->release() == -1);
    }
    CHECK(never_opened.listen().error().message() == "listen: the socket is not open (EBADF)");
}

TEST_CASE_FIXTURE(counted, "without free descriptors accept returns an error, and the connection stays in the queue") {
    on_each_family([](address_family family) {
        server listening(family);
        const weir::socket client = listening.connect();
        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        rlimit none = before;
        none.rlim_cur = 0;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
        const auto failed = listening.listener.accept(within(10s));
        const auto opened = weir::socket::open(family, weir::socket::stream);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        CHECK(failed == errc::no_descriptors);
        CHECK(failed.error().message() ==
              "accept " + listening.here.to_string() +
                  ": out of file descriptors: this process has reached its limit, see RLIMIT_NOFILE (EMFILE)");
        CHECK(opened == errc::no_descriptors);
        CHECK(listening.listener.accept(within(10s)));
    });
}

namespace {

// Runs `body` in a child process without privileges. Returns the text that `body` returned.
template <class Body>
std::string as_nobody(Body body) {
    auto pair = weir::socket_pair();
    REQUIRE(pair);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
        const std::string text = body();
        static_cast<void>(pair->first.send_all(text));
        ::_exit(0);
    }
    REQUIRE(pair->first.close());
    const std::string text(receive_everything(pair->second).text());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    return text;
}

}  // namespace

TEST_CASE_FIXTURE(counted, "the error of a call that is not permitted names the missing privilege") {
    CHECK(as_nobody([] {
              const auto raw = weir::socket::open(weir::socket::ipv4, weir::socket::raw, IPPROTO_ICMP);
              return raw ? "worked" : raw.error().message();
          }) ==
          "open ipv4 raw: operation not permitted (EPERM): raw sockets need root or the capability CAP_NET_RAW "
          "(sudo setcap cap_net_raw+ep PROGRAM); ICMP echo needs neither with a datagram socket, for the groups in "
          "the sysctl net.ipv4.ping_group_range");
    int first_free = 0;
    std::ifstream("/proc/sys/net/ipv4/ip_unprivileged_port_start") >> first_free;
    const std::string bound = as_nobody([] {
        auto one = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
        const auto done = one->bind("127.0.0.1:1");
        return done ? "worked" : done.error().message();
    });
    if (first_free > 1) {
        CHECK(bound ==
              "bind 127.0.0.1:1: not permitted: ports below 1024 need root, the capability CAP_NET_BIND_SERVICE "
              "(sudo setcap cap_net_bind_service+ep PROGRAM), or a lower sysctl net.ipv4.ip_unprivileged_port_start");
    } else {
        CHECK(bound == "worked");
    }
}

TEST_CASE("every errno has a text, and its own code if a program may need to distinguish it") {
    CHECK(weir::internal::errc_of(0) == errc::none);
    CHECK(weir::internal::errc_of(ECONNREFUSED) == errc::refused);
    CHECK(weir::internal::errc_of(EHOSTUNREACH) == errc::unreachable);
    CHECK(weir::internal::errc_of(EIO) == errc::system);
    CHECK(weir::internal::describe_errno(ECONNREFUSED) == "connection refused: no program listens on this address");
    CHECK(weir::internal::describe_errno(ENETUNREACH) == "network is unreachable (ENETUNREACH)");
    CHECK(weir::internal::describe_errno(EIO) == "input/output error (EIO)");
    CHECK(weir::internal::describe_errno(ETIMEDOUT) == "timed out: the peer does not answer (ETIMEDOUT)");
    CHECK(weir::internal::describe_errno(98765) == "unknown error number 98765");
    for (int number = 1; number < 134; ++number) {
        CHECK_FALSE(weir::internal::describe_errno(number).empty());
        const auto one = weir::internal::error_of(number, "do", "this", "try that");
        CHECK(one.system_code() == number);
        CHECK(one.message().starts_with("do this: "));
        CHECK(one.message().ends_with(": try that"));
    }
}
