// Descriptors and options: ownership, close-on-exec, and reading back the value that was set.
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/socket/support.h"

using namespace weir_test;

namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
bool closes_on_exec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

}  // namespace

TEST_CASE_FIXTURE(counted, "a descriptor is closed once, by its last owner") {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    {
        weir::descriptor first(fd);
        weir::descriptor second(std::move(first));
        CHECK_FALSE(first.valid());
        CHECK(second.fd() == fd);
        first = std::move(second);
        weir::descriptor& alias = first;
        first = std::move(alias);
        CHECK(first.fd() == fd);
        const int released = first.release();
        CHECK(released == fd);
        CHECK(is_open(fd));
        first = weir::descriptor(fd);
        CHECK(first.close());
        CHECK_FALSE(is_open(fd));
        CHECK(first.close());
        CHECK(weir::descriptor(-5).fd() == -1);
    }
    CHECK(weir::descriptor(1'000'000).close() == errc::invalid);
}

TEST_CASE_FIXTURE(counted, "every socket is closed on exec") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        CHECK(closes_on_exec(listening.listener.fd()));
        CHECK(closes_on_exec(client.fd()));
        CHECK(closes_on_exec(peer.fd()));
    });
    const auto pair = weir::socket_pair();
    CHECK(closes_on_exec(pair->first.fd()));
    CHECK(closes_on_exec(pair->second.fd()));
    const auto adopted = weir::socket::from_fd(::socket(AF_INET, SOCK_STREAM, 0));
    CHECK(closes_on_exec(adopted->fd()));
}

TEST_CASE_FIXTURE(counted, "a socket releases its descriptor, and another socket adopts it") {
    auto pair = weir::socket_pair();
    const int fd = pair->first.release();
    CHECK_FALSE(pair->first.is_open());
    auto taken = weir::socket::from_fd(fd);
    REQUIRE(taken);
    REQUIRE(taken->send("still here"));
    CHECK(pair->second.receive(20)->text() == "still here");
    CHECK(weir::socket::from_fd(-1) == errc::invalid);
    const weir::descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const auto refused = weir::socket::from_fd(file.fd());
    CHECK(refused == errc::invalid);
    CHECK(refused.error().message().ends_with("socket operation on non-socket (ENOTSOCK)"));
    CHECK(is_open(file.fd()));
}

TEST_CASE_FIXTURE(counted, "an adopted non-blocking descriptor stays non-blocking, and calls return would_block") {
    auto pair = weir::socket_pair();
    REQUIRE(pair->first.set_blocking(false));
    auto taken = weir::socket::from_fd(pair->first.release());
    CHECK(taken->receive(1) == errc::would_block);
    const weir::descriptor given(taken->release());
    CHECK((::fcntl(given.fd(), F_GETFL) & O_NONBLOCK) != 0);
}

TEST_CASE_FIXTURE(counted, "options of type bool read back the value that was set") {
    using weir::option::broadcast, weir::option::keep_alive, weir::option::no_delay, weir::option::reuse_address,
        weir::option::reuse_port, weir::option::v6_only;
    weir::socket stream = open_stream(weir::socket::ipv6);
    auto datagram = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    const auto check = [](weir::socket& one, const weir::socket_option<bool>& which) {
        INFO(std::string(which.name()));
        for (const bool value : {true, false, true}) {
            REQUIRE(one.set(which, value));
            const auto read = one.get(which);
            REQUIRE(read);
            CHECK(*read == value);
        }
    };
    for (const auto* const which : {&keep_alive, &no_delay, &reuse_address, &reuse_port, &v6_only})
        check(stream, *which);
    check(*datagram, broadcast);
    const auto wrong = open_stream(weir::socket::local).set(no_delay, true);
    CHECK(wrong == errc::unsupported);
    CHECK(wrong.error().message().starts_with("set option no_delay: "));
}

TEST_CASE_FIXTURE(counted, "Linux doubles buffer sizes, and linger is in whole seconds") {
    weir::socket one = open_stream(weir::socket::ipv4);
    REQUIRE(one.set(weir::option::send_buffer_bytes, 20'000));
    CHECK(*one.get(weir::option::send_buffer_bytes) == 40'000);
    REQUIRE(one.set(weir::option::receive_buffer_bytes, 20'000));
    CHECK(*one.get(weir::option::receive_buffer_bytes) == 40'000);
    CHECK(one.set(weir::option::send_buffer_bytes, SIZE_MAX) == errc::invalid);
    CHECK_FALSE(one.get(weir::option::linger)->has_value());
    REQUIRE(one.set(weir::option::linger, 1500ms));
    CHECK(*one.get(weir::option::linger) == weir::duration(2s));
    REQUIRE(one.set(weir::option::linger, 0s));
    CHECK(*one.get(weir::option::linger) == weir::duration(0));
    REQUIRE(one.set(weir::option::linger, std::nullopt));
    CHECK_FALSE(one.get(weir::option::linger)->has_value());
    CHECK(one.set(weir::option::linger, -1s) == errc::invalid);
}

TEST_CASE_FIXTURE(counted, "with a linger time of zero, a close resets the peer") {
    server listening(weir::socket::ipv4);
    auto [client, peer] = listening.pair();
    REQUIRE(peer.set(weir::option::linger, 0s));
    REQUIRE(peer.close());
    CHECK(client.receive(1) == errc::reset);
}

TEST_CASE_FIXTURE(counted, "the option accepting is true for a listener, and the option error returns an error once") {
    server listening(weir::socket::ipv4);
    CHECK(*listening.listener.get(weir::option::accepting));
    CHECK_FALSE(*open_stream(weir::socket::ipv4).get(weir::option::accepting));
    auto [client, peer] = listening.pair();
    CHECK_FALSE(client.get(weir::option::error)->has_value());
    REQUIRE(peer.set(weir::option::linger, 0s));
    REQUIRE(peer.close());
    const auto pending = client.get(weir::option::error);
    REQUIRE(pending->has_value());
    CHECK(**pending == errc::reset);
    CHECK_FALSE(client.get(weir::option::error)->has_value());
}

TEST_CASE_FIXTURE(counted, "any other option can be set and read by its number, as bytes") {
    weir::socket one = open_stream(weir::socket::ipv4);
    const int wanted = 0x10;
    REQUIRE(one.set_option(IPPROTO_IP, IP_TOS, bytes_view(std::as_bytes(std::span(&wanted, 1)))));
    const auto read = one.get_option(IPPROTO_IP, IP_TOS, sizeof wanted);
    REQUIRE(read);
    CHECK(read->view() == bytes_view(std::as_bytes(std::span(&wanted, 1))));
    CHECK(one.get_option(SOL_SOCKET, 98765, 4) == errc::unsupported);
}
