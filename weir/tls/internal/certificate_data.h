// The content of a tls::certificate. Private.
#pragma once

#include <vector>

#include "weir/tls/internal/openssl.h"

namespace weir::internal {

// Thread safety: it never changes; threads may share it. OpenSSL counts references with atomics.
struct certificate_data {
    owned_certificate own;
    owned_key key;
    std::vector<owned_certificate> chain;  // the signer of `own` first
};

}  // namespace weir::internal
