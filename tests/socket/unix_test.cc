// What Unix sockets carry besides bytes: credentials, and descriptors, which always have an owner.
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/socket/support.h"

using namespace weir_test;
using weir::receive_options;
using weir::send_options;

namespace {

weir::descriptor a_file() { return weir::descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool is_same_file(int one, int other) {
    struct stat a{};
    struct stat b{};
    return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

template <class Body>
void on_each_type(Body body) {
    for (const auto type : {weir::socket::stream, weir::socket::datagram, weir::socket::seqpacket}) {
        INFO("type " << std::string(to_string(type)));
        auto pair = weir::socket_pair(type);
        REQUIRE(pair);
        CHECK(pair->first.type() == type);
        body(pair->first, pair->second);
    }
}

}  // namespace

TEST_CASE_FIXTURE(counted, "the receiver of descriptors owns duplicates, which are closed on exec") {
    on_each_type([](weir::socket& first, weir::socket& second) {
        const auto file = a_file();
        REQUIRE(first.send_message("two", send_options().descriptors({file.fd(), first.fd()})));
        const auto got = second.receive_from(10, receive_options().descriptors(2));
        REQUIRE(got);
        CHECK(got->payload == "two");
        CHECK_FALSE(got->descriptors_lost);
        REQUIRE(got->descriptors.size() == 2);
        for (const auto& one : got->descriptors) CHECK((::fcntl(one.fd(), F_GETFD) & FD_CLOEXEC) != 0);
        CHECK(got->descriptors[0].fd() != file.fd());
        CHECK(is_same_file(got->descriptors[0].fd(), file.fd()));
        CHECK(is_same_file(got->descriptors[1].fd(), first.fd()));
    });
}

TEST_CASE_FIXTURE(counted, "descriptors that were not requested are closed, and this is reported") {
    on_each_type([](weir::socket& first, weir::socket& second) {
        const auto file = a_file();
        for (const std::size_t asked : {0u, 1u, 3u, 300u}) {
            for (const std::size_t sent : {1u, 4u, 253u}) {
                CAPTURE(asked);
                CAPTURE(sent);
                const std::size_t before = open_descriptors();
                REQUIRE(first.send_message("x", send_options().descriptors(std::vector<int>(sent, file.fd()))));
                {
                    const auto got = second.receive_from(10, receive_options().descriptors(asked));
                    REQUIRE(got);
                    CHECK(got->descriptors.size() == std::min(asked, sent));
                    CHECK(got->descriptors_lost == (sent > asked));
                    CHECK(open_descriptors() == before + got->descriptors.size());
                }
                CHECK(open_descriptors() == before);
                // A plain receive returns no descriptors, and leaks none.
                REQUIRE(first.send_message("y", send_options().descriptors({file.fd()})));
                CHECK(second.receive(10)->text() == "y");
                CHECK(open_descriptors() == before);
            }
        }
        CHECK(first.send_message("x", send_options().descriptors(std::vector<int>(254, file.fd()))) == errc::invalid);
        CHECK(first.send_message("x", send_options().descriptors({-1})) == errc::invalid);
    });
}

TEST_CASE_FIXTURE(counted, "a listener passed over a socket accepts on the other side") {
    server listening(weir::socket::ipv4);
    auto pair = weir::socket_pair(weir::socket::seqpacket);
    REQUIRE(pair->first.send_message("listener", send_options().descriptors({listening.listener.fd()})));
    auto got = pair->second.receive_from(20, receive_options().descriptors(1));
    REQUIRE(got->descriptors.size() == 1);
    auto taken = weir::socket::from_fd(got->descriptors[0].release());
    REQUIRE(taken);
    CHECK(taken->family() == weir::socket::ipv4);
    const weir::socket client = listening.connect();
    CHECK(taken->accept(within(10s)));
}

TEST_CASE_FIXTURE(counted, "the kernel supplies the credentials of the peer") {
    const weir::credentials mine{::getpid(), ::getuid(), ::getgid()};
    on_each_type([&](weir::socket& first, weir::socket& second) {
        CHECK(*first.get(weir::option::peer_credentials) == mine);
        REQUIRE(first.send("before"));
        REQUIRE(second.receive(10));
        REQUIRE(second.set(weir::option::pass_credentials, true));
        REQUIRE(first.send("after"));
        const auto got = second.receive_from(10);
        REQUIRE(got);
        CHECK(got->sender == mine);
        REQUIRE(first.send_message("said", send_options().sender(mine)));
        CHECK(second.receive_from(10)->sender == mine);
    });
}

TEST_CASE_FIXTURE(counted, "seqpacket sockets listen, accept and keep boundaries") {
    const folder place;
    auto listener = weir::socket::open(weir::socket::local, weir::socket::seqpacket);
    REQUIRE(listener->bind(place.text("packets")));
    REQUIRE(listener->listen());
    auto client = weir::socket::open(weir::socket::local, weir::socket::seqpacket);
    REQUIRE(client->connect(place.text("packets"), within(10s)));
    auto accepted = listener->accept(within(10s));
    REQUIRE(accepted);
    REQUIRE(client->send("one"));
    REQUIRE(client->send("two"));
    CHECK(accepted->connection.receive_from(2)->full_size == 3);
    CHECK(accepted->connection.receive_from(10)->payload == "two");
}
