// Weir adopts listeners and connections that a program already has.
#include <sys/socket.h>

#include <string>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// Runs a server with one client, which gets an echo and then stops the server.
task<> ask_and_stop(server& one) {
    auto all = [](scope& children, server& serving) -> task<> {
        children.spawn(serving.run(&echo));
        auto client = co_await connect(serving.local_address().to_string(), framing::lines());
        REQUIRE(client);
        co_await client->send("hello");
        auto reply = co_await client->receive();
        REQUIRE(reply);
        CHECK(reply->text() == "hello");
        serving.stop();
    };
    auto done = co_await in_scope(+all, std::ref(one));
    CHECK(done);
    CHECK(one.stats().accepted == 1);
}

weir::socket tcp_listener() {
    auto made = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
    REQUIRE(made);
    REQUIRE(made->bind("127.0.0.1:0"));
    REQUIRE(made->listen(16));
    return std::move(*made);
}

struct tcp_pair {
    weir::socket client;
    weir::socket served;
};

tcp_pair tcp_connection() {
    auto listening = tcp_listener();
    auto client = connect_to(listening.local_address()->to_string());
    REQUIRE(client);
    auto served = listening.accept();
    REQUIRE(served);
    return {std::move(*client), std::move(served->connection)};
}

std::string refusal(weir::socket one) {
    auto made = adopt(std::move(one), framing::lines());
    return made ? "adopted" : made.error().message();
}

std::string refusal_to_serve(weir::socket one) {
    auto made = server::on(std::move(one), framing::lines());
    return made ? "served" : made.error().message();
}

std::string without_number(std::string text) {
    std::erase_if(text, [](char one) { return one >= '0' && one <= '9'; });
    return text;
}

}  // namespace

TEST_CASE("a server can serve from an acceptor of its backend") {
    on_each_backend([]() -> task<> {
        auto listening = loop::current().backend().listen("127.0.0.1:0", {});
        REQUIRE(listening);
        server one = server::on(std::move(*listening), framing::lines());
        co_await ask_and_stop(one);
    });
}

TEST_CASE("a server adopts a listening socket, and serves the clients that were already in its queue") {
    on_each_kernel_backend([]() -> task<> {
        auto listening = tcp_listener();
        auto early = connect_to(listening.local_address()->to_string());
        REQUIRE(early);
        REQUIRE(early->send("early\n"));
        auto one = server::on(std::move(listening), framing::lines());
        REQUIRE(one);
        auto all = [](scope& children, server& serving, weir::socket& client) -> task<> {
            children.spawn(serving.run(&echo));
            auto adopted = adopt(std::move(client), framing::lines());
            REQUIRE(adopted);
            auto reply = co_await adopted->receive();
            REQUIRE(reply);
            CHECK(reply->text() == "early");
            serving.stop();
        };
        auto done = co_await in_scope(+all, std::ref(*one), std::ref(*early));
        CHECK(done);
    });
}

TEST_CASE("a server adopts a Unix listener, and a listener given by its descriptor") {
    on_each_kernel_backend([]() -> task<> {
        auto local = listen_on("unix:");
        REQUIRE(local);
        auto one = server::on(std::move(*local), framing::lines());
        REQUIRE(one);
        co_await ask_and_stop(*one);

        weir::socket inherited = tcp_listener();
        auto other = server::listen("fd:" + std::to_string(inherited.release()), framing::lines());
        REQUIRE(other);
        co_await ask_and_stop(*other);
    });
}

TEST_CASE("several loops share an adopted listening socket") {
    on_each_kernel_backend([]() -> task<> {
        auto listening = tcp_listener();
        auto opened = server_loops::on(std::move(listening), framing::lines(), std::vector<server_options>(2));
        REQUIRE(opened);
        auto all = [](scope& children, server_loops& serving) -> task<> {
            children.spawn(serving.run(&echo));
            for (int i = 0; i < 6; ++i) {
                auto client = co_await connect(serving.local_address().to_string(), framing::lines());
                REQUIRE(client);
                co_await client->send("hello");
                auto reply = co_await client->receive();
                REQUIRE(reply);
            }
            serving.stop();
        };
        auto done = co_await in_scope(+all, std::ref(*opened));
        CHECK(done);
        CHECK(opened->stats().accepted == 6);
    });
}

TEST_CASE("an adopted connection continues with the unread bytes") {
    on_each_kernel_backend([]() -> task<> {
        auto pair = tcp_connection();
        REQUIRE(pair.client.send("one\ntw"));
        auto served = adopt(std::move(pair.served), framing::lines());
        REQUIRE(served);
        CHECK(served->peer().address() == *pair.client.local_address());
        auto first = co_await served->receive();
        REQUIRE(first);
        CHECK(first->text() == "one");
        auto client = adopt(std::move(pair.client), framing::lines());
        REQUIRE(client);
        co_await client->send("o");
        auto second = co_await served->receive();
        REQUIRE(second);
        CHECK(second->text() == "two");
    });
}

TEST_CASE("both ends of a socket pair are adopted") {
    on_each_kernel_backend([]() -> task<> {
        auto pair = socket_pair(socket_type::stream);
        REQUIRE(pair);
        auto first = adopt(std::move(pair->first), framing::len32());
        auto second = adopt(std::move(pair->second), framing::len32());
        REQUIRE(first);
        REQUIRE(second);
        co_await first->send("over a Unix socket");
        auto got = co_await second->receive();
        REQUIRE(got);
        CHECK(got->text() == "over a Unix socket");
        first->shutdown_send();
        auto end = co_await second->receive();
        CHECK(end == errc::closed);
    });
}

TEST_CASE("a connection that was reset is adopted, and its first receive returns the reset") {
    on_each_kernel_backend([]() -> task<> {
        auto pair = tcp_connection();
        REQUIRE(pair.client.set(option::linger, std::optional<duration>(duration::zero())));
        const address was = *pair.client.local_address();
        REQUIRE(pair.client.close());
        auto served = adopt(std::move(pair.served), framing::lines());
        REQUIRE(served);
        CHECK(served->peer().address() == was);
        auto got = co_await served->receive();
        CHECK(got == errc::reset);
    });
}

TEST_CASE("a descriptor that is not a connection or not a listener is refused with the reason") {
    on_each_kernel_backend([]() -> task<> {
        CHECK(without_number(refusal(tcp_listener())) ==
              "adopt descriptor : this socket listens: pass it to server::on(); a channel needs a connection");
        auto datagrams = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
        CHECK(without_number(refusal(std::move(*datagrams))) ==
              "adopt descriptor : a datagram socket has no connections: a stream socket is needed");
        auto fresh = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
        CHECK(without_number(refusal(std::move(*fresh))) == "adopt descriptor : not connected");
        auto local = weir::socket::open(weir::socket::local, weir::socket::stream);
        CHECK(without_number(refusal(std::move(*local))) == "adopt descriptor : not connected");
        auto packets = socket_pair(socket_type::seqpacket);
        CHECK(without_number(refusal(std::move(packets->first))) == "adopt descriptor : a stream socket is needed");

        auto pair = tcp_connection();
        CHECK(without_number(refusal_to_serve(std::move(pair.client))) ==
              "listen descriptor : this socket does not listen: call bind() and listen() first");
        datagrams = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
        CHECK(without_number(refusal_to_serve(std::move(*datagrams))) ==
              "listen descriptor : a datagram socket has no connections: a stream socket is needed");

        pair = tcp_connection();
        const std::string taken = "fd:" + std::to_string(pair.client.fd());
        auto refused = server::listen(taken, framing::lines());
        CHECK(refused == errc::invalid);
        CHECK(refused.error().message() ==
              "listen " + taken + ": this socket does not listen: call bind() and listen() first");
        CHECK(pair.client.send("still open\n"));  // a refused descriptor number stays open
        CHECK(server::listen("fd:three", framing::lines()) == errc::malformed);
        CHECK(server::listen("fd:987654", framing::lines()) == errc::invalid);
        co_return;
    });
}

TEST_CASE("a simulated network has no sockets to adopt") {
    loop here(simulated(1));
    auto refused = []() -> task<> {
        auto pair = socket_pair(socket_type::stream);
        REQUIRE(pair);
        CHECK(adopt(std::move(pair->first), framing::lines()) == errc::unsupported);
        CHECK(server::on(std::move(pair->second), framing::lines()) == errc::unsupported);
        co_return;
    };
    here.run(refused());
}

TEST_CASE("a custom stream becomes a channel") {
    on_each_backend([]() -> task<> {
        auto [first, second] = stream_pair();
        task<result<channel>> one = adopt_stream(std::move(first), worn(), framing::lines());
        task<result<channel>> other = adopt_stream(std::move(second), worn_by_client(), framing::lines());
        auto [sender, receiver] = co_await when_all(std::move(one), std::move(other));
        REQUIRE(sender);
        REQUIRE(receiver);
        co_await sender->send("in memory");
        auto got = co_await receiver->receive();
        REQUIRE(got);
        CHECK(got->text() == "in memory");
    });
}

TEST_CASE("a blocking channel adopts a connection, also a non-blocking one") {
    auto pair = tcp_connection();
    REQUIRE(pair.client.set_blocking(false));
    auto client = blocking_channel::adopt(std::move(pair.client), framing::lines());
    REQUIRE(client);
    auto served = blocking_channel::adopt(std::move(pair.served), framing::lines());
    REQUIRE(served);
    CHECK(client->receive(within(1ms)) == errc::timed_out);
    REQUIRE(served->send("hello"));
    auto got = client->receive();
    REQUIRE(got);
    CHECK(got->text() == "hello");
    CHECK(blocking_channel::adopt(tcp_listener(), framing::lines()) == errc::invalid);
}

TEST_CASE("a duplicate keeps a connection open, and has its options") {
    auto pair = tcp_connection();
    auto copy = pair.client.duplicate();
    REQUIRE(copy);
    REQUIRE(pair.client.close());
    REQUIRE(copy->send("hello"));
    auto got = pair.served.receive(5);
    REQUIRE(got);
    CHECK(got->size() == 5);
    CHECK_FALSE(weir::socket().duplicate());
}
