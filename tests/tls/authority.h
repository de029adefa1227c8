// An authority that signs certificates for tests.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/tls/certificate.h"

namespace weir_test {

// A certificate and its key, in PEM.
struct issued {
    std::string certificate;
    std::string key;

    // Returns the key as PEM, encrypted with this password.
    std::string encrypted(const std::string& password) const;
    // Returns the certificate with its key, and with the certificates of `chain` after it.
    weir::tls::certificate with(const std::string& chain = {}) const;
};

class authority {
public:
    explicit authority(const std::string& name);

    struct wish {
        std::vector<std::string> names = {};  // DNS:example.org, IP:127.0.0.1
        int from_days = -1;
        int to_days = 30;
        std::string owner = "CN=leaf";
        bool is_authority = false;
        bool is_rsa = false;
        int to_seconds = 0;  // if not 0, replaces to_days
    };
    issued issue(const wish& of) const;
    // Returns another authority, whose certificate is signed by this one.
    authority below(const std::string& name) const;
    const std::string& pem() const noexcept { return pem_; }

private:
    authority() = default;

    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<X509> own_;
    std::string pem_;
};

}  // namespace weir_test
