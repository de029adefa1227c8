// Servers and clients over TLS for tests, with certificates of one authority.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/tls/authority.h"
#include "tests/tls/raw_peer.h"
#include "weir/sim/network.h"
#include "weir/tls/tls.h"
#include "weir/weir.h"

namespace weir_test {

using internal::tls_context;

inline const authority& root() {
    static const authority one("root of tests");
    return one;
}

inline tls::server_options served_for(std::vector<std::string> names) {
    return tls::server_options(root().issue({.names = std::move(names)}).with());
}
inline tls::client_options trusting() {
    tls::client_options how;
    how.authorities_pem = root().pem();
    return how;
}
inline std::shared_ptr<tls::server> secure(tls::server_options how) {
    auto made = tls::server::make(std::move(how));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    return *made;
}

inline std::shared_ptr<tls::server> secure() { return secure(served_for({"DNS:localhost", "IP:127.0.0.1"})); }
inline std::shared_ptr<tls::server> secure_for(std::string name) { return secure(served_for({std::move(name)})); }
inline wrappers just(std::shared_ptr<const wrapper> one) { return {std::move(one)}; }

template <class Main>
void on_each_loop(Main main) {
    for (const auto kind : {backend_kind::epoll, backend_kind::io_uring, backend_kind::simulated}) {
        CAPTURE(std::string(to_string(kind)));
        auto platform = kind == backend_kind::simulated
                            ? result<std::unique_ptr<backend>>(std::make_unique<sim::network>(choices::random(1)))
                            : open_backend(kind);
        REQUIRE(platform);
        loop here(std::move(*platform));
        here.run(main());
    }
}
template <class Main>
void on_each_kernel_loop(Main main) {
    for (const auto kind : {backend_kind::epoll, backend_kind::io_uring}) {
        CAPTURE(std::string(to_string(kind)));
        auto platform = open_backend(kind);
        REQUIRE(platform);
        loop here(std::move(*platform));
        here.run(main());
    }
}

inline task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        if (auto sent = co_await client.send(*message); !sent) break;
    }
}

struct log_of_server {
    std::vector<std::string> lines;
    server_options with(server_options how) {
        how.log = [this](const server_event& one) {
            const bool is_end = one.what == server_event::kind::ended;
            if (one.what == server_event::kind::handshake_failed || (is_end && one.why != nullptr))
                lines.emplace_back(one.text);
        };
        return how;
    }
};

// Runs a server while `client` runs, and then stops the server.
template <class Client>
task<> serve_while(server_options how, Client client) {
    auto opened = server::listen("127.0.0.1:0", framing::lines(), std::move(how));
    REQUIRE(opened);
    auto all = [](scope& children, server& serving, Client& runs) -> task<> {
        children.spawn(serving.run(&echo));
        task<> running = runs(serving);
        co_await std::move(running);
        serving.stop();
    };
    task<result<void>> whole = in_scope(+all, std::ref(*opened), std::ref(client));
    auto done = co_await std::move(whole);
    CHECK(done);
    CHECK(opened->stats().open == 0);
    CHECK(opened->stats().handshaking == 0);
}
template <class Client>
task<> serve_tls_while(std::shared_ptr<const wrapper> by, Client client) {
    server_options how;
    how.wrappers = just(std::move(by));
    return serve_while(std::move(how), std::move(client));
}

inline std::string port_of(const server& one) { return ":" + std::to_string(one.local_address().port()); }

inline task<result<channel>> connect_to(const server& one, tls::client_options how, std::string host = "127.0.0.1") {
    wrappers through = just(tls::client(std::move(how)));
    return connect(host + port_of(one), std::move(through), framing::lines());
}

inline task<std::string> ask(channel& one, std::string question) {
    if (auto sent = co_await one.send(question); !sent) co_return sent.error().message();
    auto answer = co_await one.receive();
    co_return answer ? std::string(answer->text()) : answer.error().message();
}

inline std::string text(const std::vector<std::size_t>& sizes) {
    std::string all;
    for (const std::size_t one : sizes) all += (all.empty() ? "" : ",") + std::to_string(one);
    return all;
}

inline std::string fact(const channel& one, std::string_view name) {
    return std::string(one.peer().facts().find(name).value_or("-"));
}

// A channel over TLS, and a raw_peer at the other end of its connection. Both have completed the handshake.
struct raw_pair {
    channel one;
    std::unique_ptr<raw_peer> peer;
};
inline task<raw_pair> connected_to_raw(std::shared_ptr<const wrapper> side, std::shared_ptr<const tls_context> of_peer,
                                       std::string host_of_peer) {
    auto pair = socket_pair(socket_type::stream);
    REQUIRE(pair);
    auto peer = std::make_unique<raw_peer>(std::move(pair->first), std::move(of_peer), host_of_peer);
    task<result<channel>> adopting = adopt(std::move(pair->second), just(std::move(side)), framing::lines());
    task<bool> shaking = peer->shake();
    auto both = co_await when_all(std::move(adopting), std::move(shaking));
    REQUIRE(std::get<0>(both));
    REQUIRE(std::get<1>(both));
    co_return raw_pair{std::move(*std::get<0>(both)), std::move(peer)};
}
// Returns a channel of a server, and a peer that is a client.
inline task<raw_pair> served_to_raw(std::shared_ptr<const wrapper> side) {
    return connected_to_raw(std::move(side), *tls_context::of_client(trusting()), "localhost");
}

}  // namespace weir_test
