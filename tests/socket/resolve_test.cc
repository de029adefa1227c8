// Sockets from text: names, services, all interfaces, and Unix paths that a dead server left.
#include "weir/socket/names/resolve.h"

#include <barrier>

#include "tests/socket/support.h"
#include "weir/socket/connect_to.h"
#include "weir/socket/listen_on.h"

using namespace weir_test;
using weir::connect_to;
using weir::listen_on;
using weir::resolve;

namespace {

std::string words(const auto& failed) { return failed ? "worked" : failed.error().message(); }

}  // namespace

TEST_CASE_FIXTURE(counted, "an address is resolved to itself, without name resolution") {
    for (const auto* const text :
         {"127.0.0.1:9000", "[::1]:9000", "[fe80::1%nosuchif]:80", "unix:/x", "unix:@x", "unix:"}) {
        const auto found = resolve(text);
        REQUIRE(found);
        REQUIRE(found->size() == 1);
        CHECK(found->front().to_string() == text);
    }
}

TEST_CASE_FIXTURE(counted, "localhost is resolved to this machine, and a service name to its port") {
    const auto found = resolve("localhost:9000");
    REQUIRE_MESSAGE(found, words(found));
    for (const auto& one : *found) {
        CHECK(one.is_loopback());
        CHECK(one.port() == 9000);
    }
    const auto service = resolve("localhost:http");
    REQUIRE_MESSAGE(service, words(service));
    CHECK(service->front().port() == 80);
    CHECK(resolve("127.0.0.1:http")->front().to_string() == "127.0.0.1:80");
    CHECK(resolve("[::1%lo]:https")->front().to_string() == "[::1%lo]:443");
    CHECK(resolve("127.0.0.1:domain", weir::socket::datagram)->front().port() == 53);
}

TEST_CASE_FIXTURE(counted, "a star means all interfaces, in both families") {
    const auto found = resolve("*:9000");
    REQUIRE(found);
    REQUIRE(found->size() == 2);
    CHECK(found->at(0).to_string() == "[::]:9000");
    CHECK(found->at(1).to_string() == "0.0.0.0:9000");
    auto listener = listen_on("*:0");
    REQUIRE_MESSAGE(listener, words(listener));
    const auto port = std::to_string(listener->local_address()->port());
    CHECK(connect_to("127.0.0.1:" + port));
    CHECK(connect_to("[::1]:" + port));
    CHECK(connect_to("localhost:" + port));
    CHECK(listener->accept()->peer.to_string().starts_with("[::ffff:127.0.0.1]:"));
}

TEST_CASE_FIXTURE(counted, "text that cannot be resolved is refused, and the error has the text and the reason") {
    CHECK(words(resolve("127.0.0.1")) == "resolve 127.0.0.1: the port is missing: write 127.0.0.1:9000");
    CHECK(words(resolve("localhost")) ==
          "resolve localhost: the port is missing: write "
          "localhost:9000");
    CHECK(words(resolve("localhost:")) ==
          "resolve localhost:: the port after the colon is missing: write a number, like :9000");
    CHECK(words(resolve("localhost:70000")) == "resolve localhost:70000: the port 70000 is out of range: 0 to 65535");
    CHECK(words(resolve("256.1.1.1:80")) ==
          "resolve 256.1.1.1:80: 256 is out of range: the four numbers of an IPv4 address are 0 to 255");
    CHECK(resolve("127.1:80") == errc::malformed);
    CHECK(resolve("0x7f.1:80") == errc::malformed);
    CHECK(words(resolve("0x7f000001:80")) ==
          "resolve 0x7f000001:80: \"0x7f000001\" is neither an address nor a host name");
    CHECK(words(resolve("two words:80")) ==
          "resolve two words:80: \"two words\" is neither an address nor a host name");
    CHECK(words(resolve("::1:80")) ==
          "resolve ::1:80: an IPv6 address is written in brackets, with the port after them: write [::1]:9000");
    CHECK(words(resolve("localhost:nosuchservice")) ==
          "resolve localhost:nosuchservice: there is no service \"nosuchservice\"");
    CHECK(resolve("") == errc::malformed);
    CHECK(resolve("unix:a\\b") == errc::malformed);
    CHECK(resolve(std::string_view("local\0host:80", 13)) == errc::malformed);
    // According to RFC 6761 this name does not exist, whatever name servers this machine uses.
    const auto missing = resolve("weir.invalid:80");
    REQUIRE_FALSE(missing);
    CHECK((missing == errc::not_found || missing == errc::timed_out));
    CHECK(missing.error().message().find("\"weir.invalid\"") != std::string::npos);
}

TEST_CASE_FIXTURE(counted, "bind and connect accept names, too") {
    weir::socket listener = open_stream(weir::socket::ipv4);
    REQUIRE(listener.bind("localhost:0"));
    CHECK(listener.local_address()->is_loopback());
    REQUIRE(listener.listen());
    weir::socket client = open_stream(weir::socket::ipv4);
    const auto connected = client.connect("localhost:" + std::to_string(listener.local_address()->port()), within(10s));
    CHECK_MESSAGE(connected, words(connected));
    weir::socket any = open_stream(weir::socket::ipv4);
    REQUIRE(any.bind("*:0"));
    CHECK(any.local_address()->is_any());
    CHECK(open_stream(weir::socket::ipv4).connect("two words:1") == errc::malformed);
}

TEST_CASE_FIXTURE(counted, "listen_on and connect_to make a connection from text") {
    const folder place;
    for (const std::string& text :
         {std::string("127.0.0.1:0"), std::string("[::1]:0"), place.text("s"), std::string("unix:")}) {
        INFO(text);
        auto listener = listen_on(text);
        REQUIRE_MESSAGE(listener, words(listener));
        auto client = connect_to(listener->local_address()->to_string(), within(10s));
        REQUIRE_MESSAGE(client, words(client));
        REQUIRE(client->send("hi"));
        CHECK(listener->accept()->connection.receive(10)->text() == "hi");
        CHECK(words(listen_on(listener->local_address()->to_string())).find("address already in use") !=
              std::string::npos);
    }
}

TEST_CASE_FIXTURE(counted, "the error of connect_to names each address that failed") {
    weir::socket bound = open_stream(weir::socket::ipv4);
    REQUIRE(bound.bind("127.0.0.1:0"));
    const auto there = bound.local_address()->to_string();
    CHECK(words(connect_to(there)) == "connect " + there + ": connection refused: no program listens on this address");
    const auto port = std::to_string(bound.local_address()->port());
    const auto failed = connect_to("*:" + port);
    CHECK(failed == errc::refused);
    CHECK(words(failed) == "connect *:" + port + ": none of 2 addresses answered; [::]:" + port +
                               ": connection refused: no program listens on this address; 0.0.0.0:" + port +
                               ": connection refused: no program listens on this address");
    CHECK(connect_to("nonsense") == errc::malformed);
}

TEST_CASE_FIXTURE(counted, "a Unix path that a dead server left is bound again; the path of a live server is in use") {
    const folder place;
    const std::string text = place.text("socket");
    {
        auto first = listen_on(text);
        REQUIRE(first);
        const auto second = listen_on(text);
        CHECK(second == errc::in_use);
        CHECK(words(second) == "listen " + text + ": address already in use: this program listens " +
                                   "there already: close that socket, or choose another path");
        CHECK(connect_to(text));  // the live server is unaffected
    }
    CHECK(std::filesystem::exists(place.path("socket")));
    auto third = listen_on(text);
    REQUIRE_MESSAGE(third, words(third));
    CHECK(connect_to(text));
}

TEST_CASE_FIXTURE(counted, "a file that is not a socket, or a socket of another type, is never removed") {
    const folder place;
    std::ofstream(place.path("file")) << "precious";
    CHECK(words(listen_on(place.text("file"))) ==
          "listen " + place.text("file") + ": address already in use: that file is not a socket: choose another path");
    std::filesystem::create_symlink(place.path("file"), place.path("link"));
    CHECK(listen_on(place.text("link")) == errc::in_use);
    std::filesystem::create_directory(place.path("folder"));
    CHECK(listen_on(place.text("folder")) == errc::in_use);
    auto datagram = weir::socket::open(weir::socket::local, weir::socket::datagram);
    REQUIRE(datagram->bind(place.text("datagram")));
    CHECK(listen_on(place.text("datagram")) == errc::in_use);
    for (const auto* const name : {"file", "link", "folder", "datagram"}) {
        CHECK(std::filesystem::exists(std::filesystem::symlink_status(place.path(name))));
    }
    CHECK(std::filesystem::file_size(place.path("file")) == 8);
    CHECK(listen_on(place.text("no/such/folder")) == errc::not_found);
}

TEST_CASE_FIXTURE(counted, "if several servers start at once on the path of a dead server, exactly one gets it") {
    const folder place;
    const std::string text = place.text("socket");
    for (int round = 0; round < 25; ++round) {
        std::atomic<int> won = 0;
        std::atomic<int> lost = 0;
        std::array<weir::socket, 8> made;
        std::barrier together(8);
        {
            std::vector<std::thread> starters;
            for (auto& one : made) {
                starters.emplace_back([&] {
                    together.arrive_and_wait();
                    auto listener = listen_on(text);
                    ++(listener ? won : lost);
                    if (listener) one = std::move(*listener);
                });
            }
            for (auto& starter : starters) starter.join();
        }
        CHECK(won == 1);
        CHECK(lost == 7);
        CHECK(connect_to(text));
    }
}
