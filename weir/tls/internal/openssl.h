// OpenSSL's objects as owned values, and its errors as ours. Private: only files of weir/tls include it.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/base/result.h"

namespace weir::internal {

template <auto Free>
struct frees {
    template <class Object>
    void operator()(Object* one) const noexcept {
        Free(one);
    }
};
using owned_ssl = std::unique_ptr<SSL, frees<&SSL_free>>;
using owned_ssl_context = std::unique_ptr<SSL_CTX, frees<&SSL_CTX_free>>;
using owned_session = std::unique_ptr<SSL_SESSION, frees<&SSL_SESSION_free>>;
using owned_certificate = std::unique_ptr<X509, frees<&X509_free>>;
using owned_key = std::unique_ptr<EVP_PKEY, frees<&EVP_PKEY_free>>;
using owned_bio = std::unique_ptr<BIO, frees<&BIO_free_all>>;

// OpenSSL as weir uses it: an OSSL_LIB_CTX of its own, without a configuration file and without a look at the
// environment. See tls.h for what that means for a program that uses OpenSSL, too. Throws std::bad_alloc when it cannot
// be made.
OSSL_LIB_CTX* openssl();

// Calls of OpenSSL that return null or 0 only without memory.
template <class Object>
Object* allocated(Object* made) {
    if (made == nullptr) throw std::bad_alloc();
    return made;
}
void require_memory(long good);

// The text of the oldest error of this thread's queue, which is emptied.
std::string take_openssl_text();

// A BIO that reads `text`, which must outlive it.
owned_bio read_from(std::string_view text);
// The content of a file.
result<std::string> read_file(const std::string& path);
// Each certificate of a text in PEM. Errors: malformed; `what` names the text.
result<std::vector<owned_certificate>> read_certificates(std::string_view pem, const std::string& what);

// A name of a certificate, as RFC 4514 writes it.
std::string text_of(const X509_NAME* name);
// The names that a certificate is for, at most three of them: "example.org, www.example.org and 4 more".
std::string names_of(const X509* one);
// "2026-01-31 12:00:00 UTC"
std::string text_of(const ASN1_TIME* when);
// The short form of an IP address: "::1" for "0:0:0:0:0:0:0:1".
std::string short_address(const std::string& text);
// Only whole labels are wildcards, and a name must be a subjectAltName: a common name does not count (RFC 6125, 6.4.4).
inline constexpr unsigned int host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
// SHA-256 of a certificate's public key, as pins have it: "sha256:" and Base64.
std::string pin_of(const X509* one);
// SHA-256 of the whole certificate.
std::string digest_of(const X509* one);
// Whether the peer's certificate of a session, if it has one, may be used now.
bool has_valid_certificate(const SSL_SESSION* one) noexcept;
// Whether it can be the name of a host, or an IP address.
bool is_host(std::string_view text) noexcept;
// How an error calls it: "the certificate for example.org".
std::string title_of(const X509* one);

}  // namespace weir::internal
