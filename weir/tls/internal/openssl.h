// Owning pointers to OpenSSL's objects, and functions for its errors and texts. Private: only files of weir/tls include
// it.
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

// Returns the library context (OSSL_LIB_CTX) that weir uses. The context reads neither a configuration file nor the
// environment. tls.h describes the effect on a program that uses OpenSSL itself. The first call makes the context; it
// may throw std::bad_alloc.
OSSL_LIB_CTX* openssl();

// For calls of OpenSSL that fail only for lack of memory. If their result is null, or a number other than 1, these
// functions throw std::bad_alloc.
template <class Object>
Object* allocated(Object* made) {
    if (made == nullptr) throw std::bad_alloc();
    return made;
}
void require_memory(long good);

// Returns the text of the oldest error in this thread's error queue, and empties the queue.
std::string take_openssl_text();

// Returns a BIO that reads `text`. The text must outlive the BIO.
owned_bio read_from(std::string_view text);
// Returns the content of a file of at most 16 MiB. Errors: not_found, not_permitted, too_large, system.
result<std::string> read_file(const std::string& path);
// Returns all certificates of a text in PEM, at least one. Errors: malformed; `what` names the text in the error.
result<std::vector<owned_certificate>> read_certificates(std::string_view pem, const std::string& what);

// Returns the subject or the issuer of a certificate, in the form of RFC 4514.
std::string text_of(const X509_NAME* name);
// Returns the names that a certificate is for, at most three of them: "example.org, www.example.org and 4 more".
std::string names_of(const X509* one);
// Returns a text such as "2026-01-31 12:00:00 UTC".
std::string text_of(const ASN1_TIME* when);
// Returns the short form of an IP address: "::1" for "0:0:0:0:0:0:0:1".
std::string short_address(const std::string& text);
// A wildcard must be a whole label, and a name must be a subjectAltName: a common name does not count (RFC 6125,
// 6.4.4).
inline constexpr unsigned int host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
// Returns the SHA-256 of a certificate's public key in the form of a pin: "sha256:" and Base64.
std::string pin_of(const X509* one);
// Returns the SHA-256 of the whole certificate.
std::string digest_of(const X509* one);
// Returns true if the session has no certificate of the peer, or has one whose dates are valid now.
bool has_valid_certificate(const SSL_SESSION* one) noexcept;
// Returns whether the text has the form of a host name or of an IP address.
bool is_host(std::string_view text) noexcept;
// Returns the name of a certificate for error texts: "the certificate for example.org".
std::string title_of(const X509* one);

}  // namespace weir::internal
