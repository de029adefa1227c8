#include "weir/tls/internal/verify_peer.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <new>
#include <string>

#include "weir/tls/internal/tls_machine.h"

namespace weir::internal {
namespace {

std::string issuer_of(const X509* one) { return text_of(X509_get_issuer_name(one)); }

std::string host_of(SSL* connection) {
    X509_VERIFY_PARAM* const verified = SSL_get0_param(connection);
    if (const char* const host = X509_VERIFY_PARAM_get0_host(verified, 0)) return host;
    char* const address = X509_VERIFY_PARAM_get1_ip_asc(verified);
    std::string text = address == nullptr ? "" : short_address(address);
    OPENSSL_free(address);
    return text;
}

// Returns the reason for which X509_verify_cert(3) refused the chain.
std::string reason(X509_STORE_CTX* chain, SSL* connection) {
    const X509* const refused = X509_STORE_CTX_get_current_cert(chain);
    const X509* const own = X509_STORE_CTX_get0_cert(chain);
    const X509* const about = refused == nullptr ? own : refused;
    const int why = X509_STORE_CTX_get_error(chain);
    if (about == nullptr) return X509_verify_cert_error_string(why);
    switch (why) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: {
            const std::string names = names_of(own);
            if (names.empty())
                return "the certificate names no host (no subjectAltName), so it is not for " + host_of(connection);
            return "the certificate is for " + names + ", not " + host_of(connection);
        }
        case X509_V_ERR_CERT_HAS_EXPIRED: return title_of(about) + " expired on " + text_of(X509_get0_notAfter(about));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return title_of(about) + " is not valid before " + text_of(X509_get0_notBefore(about));
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return title_of(about) + " is self-signed, and not trusted here";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_UNTRUSTED:
            return title_of(about) + " is issued by " + issuer_of(about) + ", which is not trusted here";
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL: return "the key of " + title_of(about) + " is too small";
        case X509_V_ERR_CA_MD_TOO_WEAK: return title_of(about) + " is signed with a weak hash";
        case X509_V_ERR_INVALID_PURPOSE:
            return title_of(about) + " was issued for another purpose, and cannot be used here";
        default: return title_of(about) + ": " + X509_verify_cert_error_string(why);
    }
}

bool is_pinned(const tls::client_options& how, const X509* own) {
    return own != nullptr && std::ranges::find(how.pins, pin_of(own)) != how.pins.end();
}

bool accepts(X509_STORE_CTX* chain, SSL* connection, tls_machine& machine) {
    const tls_context& context = machine.context();
    const X509* const own = X509_STORE_CTX_get0_cert(chain);
    if (!context.is_server()) {
        const auto& how = context.client();
        if (how.accept_any_certificate_insecurely) return true;
        if (!how.pins.empty() && !is_pinned(how, own)) {
            machine.refuse(errc::untrusted, "the public key is " + (own == nullptr ? "unknown" : pin_of(own)) +
                                                ", which is not pinned here");
            X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
            return false;
        }
        if (!context.verifies_chain()) return true;
    }
    if (X509_verify_cert(chain) == 1) return true;
    machine.refuse(errc::untrusted, reason(chain, connection));
    return false;
}

}  // namespace

int verify_peer(X509_STORE_CTX* chain, void*) noexcept try {
    auto* const connection = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return accepts(chain, connection, tls_machine::of(connection)) ? 1 : 0;
} catch (...) {  // std::bad_alloc, or what a function of the program throws
    X509_STORE_CTX_set_error(chain, X509_V_ERR_OUT_OF_MEM);
    return 0;
}

}  // namespace weir::internal
