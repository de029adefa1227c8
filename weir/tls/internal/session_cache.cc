#include "weir/tls/internal/session_cache.h"

#include <algorithm>
#include <new>
#include <utility>

namespace weir::internal {

owned_session session_cache::take(const std::string& server) {
    const std::lock_guard locked(mutex_);
    const auto found = all_.find(server);
    if (found == all_.end()) return {};
    owned_session one = std::move(found->second.back());
    if (!has_valid_certificate(one.get())) {
        std::erase(oldest_first_, server);
        all_.erase(found);
        return {};
    }
    // A ticket of TLS 1.3 is used once: a second use would reveal that both connections come from one client.
    if (SSL_SESSION_get_protocol_version(one.get()) < TLS1_3_VERSION) {
        SSL_SESSION_up_ref(one.get());
        found->second.back().reset(one.get());
        return one;
    }
    found->second.pop_back();
    if (!found->second.empty()) return one;
    all_.erase(found);
    std::erase(oldest_first_, server);
    return one;
}

void session_cache::keep(const std::string& server, owned_session one) noexcept try {
    const std::lock_guard locked(mutex_);
    const auto found = all_.find(server);
    if (found != all_.end()) {
        found->second.push_back(std::move(one));
        if (found->second.size() > most_of_a_server) found->second.pop_front();
        return;
    }
    oldest_first_.push_back(server);
    std::deque<owned_session> first;
    first.push_back(std::move(one));
    all_.emplace(server, std::move(first));
    if (all_.size() <= most_servers) return;
    all_.erase(oldest_first_.front());
    oldest_first_.pop_front();
} catch (const std::bad_alloc&) {
    return;  // oldest_first_ may keep this key without sessions until it is erased as the oldest
}

}  // namespace weir::internal
