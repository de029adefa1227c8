// The sessions that clients of one configuration may resume. Private.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "weir/tls/internal/openssl.h"

namespace weir::internal {

// By the server's name and port. Thread safety: all threads.
class session_cache {
public:
    // A server of TLS 1.3 gives two tickets, and each is used once (RFC 8446, C.4).
    static constexpr std::size_t most_of_a_server = 2;
    static constexpr std::size_t most_servers = 1024;

    // Null when there is none.
    owned_session take(const std::string& server);
    // Without memory it keeps nothing.
    void keep(const std::string& server, owned_session one) noexcept;

private:
    std::mutex mutex_;
    std::map<std::string, std::deque<owned_session>> all_;
    std::deque<std::string> oldest_first_;  // the names in all_
};

}  // namespace weir::internal
