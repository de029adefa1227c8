// The certificate of the TLS servers that do not use weir: ECDSA on P-256, self-signed, with the same extensions as the
// certificate of weir::tls::certificate::self_signed().
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

#include "bench/echo/tls_by_hand.h"
#include "weir/base/check.h"

namespace bench {

inline void extend(X509* one, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, one, one, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, frees<&X509_EXTENSION_free>> made(
        X509V3_EXT_nconf_nid(nullptr, &context, kind, value));
    WEIR_CHECK(made != nullptr && X509_add_ext(one, made.get(), -1) == 1, "an extension");
}

inline void use_own_certificate(SSL_CTX* server) {
    const std::unique_ptr<EVP_PKEY, frees<&EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, frees<&X509_free>> made(X509_new());
    WEIR_CHECK(key != nullptr && made != nullptr, "a key and a certificate");
    X509* const one = made.get();
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(one), 0x5eed'5eed'5eed'5eed);
    constexpr long day = 24 * 60 * 60;
    X509_gmtime_adj(X509_getm_notBefore(one), -day);
    X509_gmtime_adj(X509_getm_notAfter(one), 30 * day);
    X509_set_pubkey(one, key.get());
    X509_NAME* const name = X509_get_subject_name(one);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(one, name);
    extend(one, NID_subject_alt_name, "DNS:localhost");
    extend(one, NID_basic_constraints, "critical,CA:FALSE");
    extend(one, NID_subject_key_identifier, "hash");
    WEIR_CHECK(X509_sign(one, key.get(), EVP_sha256()) != 0, "signing");
    WEIR_CHECK(SSL_CTX_use_cert_and_key(server, one, key.get(), nullptr, 1) == 1, "the certificate");
}

// Sessions are kept only in tickets, as in weir::tls.
inline void set_up_server(SSL_CTX* server) {
    choose_suite(server);
    use_own_certificate(server);
    SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_OFF);
}

inline owned_ssl_context server_context() {
    owned_ssl_context made(SSL_CTX_new(TLS_server_method()));
    set_up_server(made.get());
    return made;
}

}  // namespace bench
