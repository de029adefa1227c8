// How many connections one source address may have open at a time. A source is one IPv4 address or one /64 network of
// IPv6, because an IPv6 host can use all addresses of its /64. Clients on a Unix socket have no source.
#pragma once

#include "weir/base/language.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace [[gnu::visibility("default")]] weir {

// The limit of connections from one source address. Thread safety: a value.
class source_limit {
public:
    // The default limit is a tenth of the server's limit of connections, but at least this number.
    static constexpr std::size_t least_share = 8;
    // The default limit of a server without a limit of connections.
    static constexpr std::size_t share_of_unlimited = 1'000;

    // Makes the default limit: a share of the server's limit of connections.
    constexpr source_limit() noexcept = default;
    // Sets this number, independent of the limit of connections.
    constexpr source_limit(std::size_t most) noexcept : kind_(kind::number), number_(most) {}
    // Sets no limit.
    constexpr source_limit(std::nullopt_t) noexcept : kind_(kind::none) {}

    // Returns the number that applies to a server with this limit of connections. Empty: no limit.
    constexpr std::optional<std::size_t> of(std::optional<std::size_t> connections) const noexcept {
        switch (kind_) {
            case kind::share: return connections ? std::max(least_share, *connections / 10) : share_of_unlimited;
            case kind::number: return number_;
            case kind::none: break;
        }
        return {};
    }

private:
    enum class kind : std::uint8_t { share, number, none };

    kind kind_ = kind::share;
    std::size_t number_ = 0;  // used only for kind::number
};

}  // namespace weir
