// What all TLS connections of one configuration share: OpenSSL's SSL_CTX with its callbacks, the options, the session
// cache and the ticket keys. Private.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/tls/internal/openssl.h"
#include "weir/tls/internal/session_cache.h"
#include "weir/tls/internal/ticket_keys.h"
#include "weir/tls/options.h"

namespace weir::internal {

// Constant after construction, except for the caches, which have their own locks. Thread safety: all threads.
class tls_context {
public:
    // Errors: those of tls::client() and tls::server::make(). `before` is the context that a server replaces, or null:
    // its ticket keys are kept if both ask clients for the same certificates.
    static result<std::shared_ptr<const tls_context>> of_client(tls::client_options how);
    static result<std::shared_ptr<const tls_context>> of_server(tls::server_options how,
                                                                const tls_context* before = nullptr);
    ~tls_context();

    SSL_CTX* get() const noexcept { return context_.get(); }
    bool is_server() const noexcept { return server_.has_value(); }
    const tls::common_options& common() const noexcept;
    const tls::client_options& client() const noexcept { return client_; }
    const tls::server_options& server() const noexcept { return *server_; }
    ticket_keys& tickets() const noexcept { return *tickets_; }
    session_cache& sessions() const noexcept { return sessions_; }
    // Returns `alpn` of the options in the wire format of RFC 7301.
    const std::string& protocols() const noexcept { return protocols_; }
    bool verifies_chain() const noexcept { return verifies_chain_; }

private:
    tls_context();
    result<void> set_up(const tls::common_options& how);
    result<void> set_up_client();
    result<void> set_up_server(const tls_context* before);
    result<void> trust(const std::vector<std::string>& files, const std::string& pem);
    result<void> name_client_authorities();

    owned_ssl_context context_;
    tls::client_options client_;
    std::optional<tls::server_options> server_;
    std::string protocols_;
    std::string asked_of_clients_;  // `clients` of the options, and digests of the authorities
    std::shared_ptr<ticket_keys> tickets_;
    mutable session_cache sessions_;
    bool verifies_chain_ = true;
};

}  // namespace weir::internal
