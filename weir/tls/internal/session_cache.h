// The sessions that the connections of one client configuration may resume. Private.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "weir/tls/internal/openssl.h"

namespace weir::internal {

// The key is the server's name and port. Thread safety: all threads.
class session_cache {
public:
    // A TLS 1.3 server sends two tickets, and each is used once (RFC 8446, C.4).
    static constexpr std::size_t most_of_a_server = 2;
    static constexpr std::size_t most_servers = 1024;

    // Returns the newest session of the server; null when there is none. A session of TLS 1.3 is removed.
    owned_session take(const std::string& server);
    // Keeps the session, or drops it when there is no memory.
    void keep(const std::string& server, owned_session one) noexcept;

private:
    std::mutex mutex_;
    std::map<std::string, std::deque<owned_session>> all_;
    std::deque<std::string> oldest_first_;  // the keys of all_
};

}  // namespace weir::internal
