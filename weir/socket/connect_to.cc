#include "weir/socket/connect_to.h"

#include <string>
#include <vector>

#include "weir/socket/resolve.h"

namespace weir {
namespace {

error tell_all(std::string_view text, const std::vector<error>& failures) {
    std::string detail = "none of " + std::to_string(failures.size()) + " addresses answered";
    for (const auto& one : failures) {
        const auto words = one.detail().empty() ? to_string(one.code()) : one.detail();
        detail.append("; ").append(one.subject()).append(": ").append(words);
    }
    return error(failures.back().code(), "connect", std::string(text), std::move(detail),
                 failures.back().system_code());
}

}  // namespace

result<socket> connect_to(std::string_view text, deadline until) {
    const auto peers = resolve(text);
    if (!peers) return peers.error();
    std::vector<error> failures;
    for (const auto& peer : *peers) {
        auto opened = socket::open(peer.family(), socket::stream);
        if (!opened) {
            failures.push_back(opened.error().during("connect", peer.to_string()));
            continue;
        }
        const auto connected = opened->connect(peer, until);
        if (connected) return opened;
        failures.push_back(connected.error());
    }
    return failures.size() == 1 ? failures.front() : tell_all(text, failures);
}

}  // namespace weir
