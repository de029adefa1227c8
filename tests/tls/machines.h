// Two TLS state machines, and the bytes between them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tests/tls/authority.h"
#include "weir/tls/internal/tls_machine.h"
#include "weir/tls/tls.h"

namespace weir_test {

using namespace weir;
using internal::tls_context;
using internal::tls_machine;
using step = tls_machine::step;

inline const authority& root() {
    static const authority one("root of tests");
    return one;
}

inline std::shared_ptr<const tls_context> a_server(tls::server_options how = {}) {
    if (how.certificates.empty()) how.certificates.push_back(root().issue({.names = {"DNS:localhost"}}).with());
    auto made = tls_context::of_server(std::move(how));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    return *made;
}
inline std::shared_ptr<const tls_context> a_client(tls::client_options how = {}) {
    if (how.authorities_pem.empty() && how.pins.empty() && !how.accept_any_certificate_insecurely)
        how.authorities_pem = root().pem();
    auto made = tls_context::of_client(std::move(how));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    return *made;
}

inline tls::client_options trusting_root() {
    tls::client_options how;
    how.authorities_pem = root().pem();
    return how;
}

// One side, with its unprocessed input and its output.
struct side {
    explicit side(std::shared_ptr<const tls_context> how, const std::string& host = {})
        : machine(std::move(how), host, 443) {}

    tls_machine machine;
    buffer wire;    // from the peer
    buffer output;  // to the peer
    std::string got;
    step last = step::wants_input;
    bool is_shaken = false;

    void go_on() {
        bytes_view input = wire.view();
        if (!is_shaken) {
            last = machine.shake(input, output);
            is_shaken = last == step::done;
        }
        if (is_shaken) {
            for (;;) {
                std::array<std::byte, 1000> room{};
                const auto came = machine.read(input, room, output);
                last = came.how;
                got += std::string_view(reinterpret_cast<const char*>(room.data()), came.size);
                if (last != step::done) break;
            }
        }
        wire.consume(wire.size() - input.size());
    }
    void send(std::string_view text) {
        last = machine.write(bytes_view(text), output);
        REQUIRE(last == step::done);
    }
};

// Passes the output of each side to the other in pieces of this size, until neither has output.
inline void exchange(side& one, side& other, std::size_t piece = 100'000) {
    one.go_on();
    other.go_on();
    while (!one.output.empty() || !other.output.empty()) {
        for (auto [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
            while (!from->output.empty()) {
                const std::size_t size = std::min(piece, from->output.size());
                to->wire.append(from->output.view().first(size));
                from->output.consume(size);
                to->go_on();
                if (to->last == step::failed) break;
            }
        }
        if (one.last == step::failed && other.last == step::failed) break;
        if ((one.last == step::failed && one.output.empty()) || (other.last == step::failed && other.output.empty()))
            break;
    }
}

inline constexpr tls::version both_versions[] = {tls::version::tls_1_2, tls::version::tls_1_3};

inline tls::client_options at_most(tls::version newest) {
    tls::client_options how;
    how.newest = newest;
    return how;
}

// The errors of both sides of a handshake that fails.
struct failed {
    std::string client, server;
    errc client_code = errc::none, server_code = errc::none;
};
inline failed shake(tls::client_options client_how, tls::server_options server_how,
                    const std::string& host = "localhost") {
    side server(a_server(std::move(server_how)));
    side client(a_client(std::move(client_how)), host);
    exchange(client, server);
    failed seen;
    if (client.last == step::failed) {
        seen.client = client.machine.failure_text();
        seen.client_code = client.machine.failure();
    }
    if (server.last == step::failed) {
        seen.server = server.machine.failure_text();
        seen.server_code = server.machine.failure();
    }
    return seen;
}

}  // namespace weir_test
