// TLS for the connections of a tested backend: one wrapper for both sides.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string_view>
#include <utility>

#include "weir/stream/wrapper.h"
#include "weir/tls/tls.h"

namespace weir_test {

using namespace weir;

// A connection of connect() has the fact "host", and is a client. Every other connection is a server, unless the role
// is client.
class tls_wrapper final : public wrapper {
public:
    enum class role : std::uint8_t { by_host, client };
    explicit tls_wrapper(role as) : role_(as) {}

    std::string_view name() const noexcept override { return "tls"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const override {
        const bool is_client = role_ == role::client || !peer.host().empty();
        return (is_client ? both().client : both().server)->wrap(std::move(below), peer);
    }

private:
    struct sides {
        std::shared_ptr<const wrapper> client, server;
    };
    static const sides& both() {
        static const sides made = [] {
            auto own = tls::certificate::self_signed({"localhost"});
            REQUIRE(own);
            auto serves = tls::server::make(tls::server_options(*own));
            REQUIRE(serves);
            tls::client_options how;
            how.pins = {own->pin()};
            return sides{tls::client(how), *serves};
        }();
        return made;
    }

    role role_;
};

}  // namespace weir_test
