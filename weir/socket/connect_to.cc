#include "weir/socket/connect_to.h"

#include <string>
#include <vector>

#include "weir/socket/internal/connect_race.h"
#include "weir/socket/names/resolve.h"

namespace weir {
namespace {

// A single address needs no race: this is a blocking connect, which returns its own error.
result<socket> connect_to_one(const address& peer, deadline until) {
    auto opened = socket::open(peer.family(), socket::stream);
    if (!opened) return opened.error().during("connect", peer.to_string());
    const auto connected = opened->connect(peer, until);
    if (!connected) return connected.error();
    return opened;
}

result<socket> connect_to_any(std::string_view text, std::span<const address> peers, deadline until) {
    if (peers.size() == 1) return connect_to_one(peers.front(), until);
    auto outcome = internal::race(peers, until);
    if (outcome.winner.is_open()) return std::move(outcome.winner);
    return internal::combined_error(text, outcome.failures);
}

}  // namespace

result<socket> connect_to(std::string_view text, deadline until) {
    const auto peers = resolve(text, socket_type::stream, until);
    if (!peers) return peers.error();
    return connect_to_any(text, *peers, until);
}

result<socket> connect_to(std::span<const address> peers, deadline until) {
    if (peers.empty()) return error(errc::invalid, "connect", {}, "there is no address to connect to");
    std::string text;
    for (const auto& one : peers) text.append(text.empty() ? "" : ", ").append(one.to_string());
    return connect_to_any(text, peers, until);
}

}  // namespace weir
