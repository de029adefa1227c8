// Decides whether the peer's certificate is accepted, and stores the reason if not. Private.
#pragma once

#include <openssl/types.h>

namespace weir::internal {

// The callback of SSL_CTX_set_cert_verify_callback(3).
int verify_peer(X509_STORE_CTX* chain, void* of_context) noexcept;

}  // namespace weir::internal
