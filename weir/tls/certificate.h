// A certificate with its chain and its private key, as PEM (RFC 7468).
//
//     auto own = weir::tls::certificate::from_files("server.crt", "server.key");
//     if (!own) return own.error().print();
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {
struct certificate_data;
}
namespace tls {

// A certificate with its chain and its private key. Copies share the content, which never changes. Thread safety: a
// value; threads may share it.
class certificate {
public:
    // Reads a chain of certificates and the private key; one file may hold both. The first certificate is that of this
    // side, and each certificate is followed by the one that signed it. The root may be missing. An encrypted key needs
    // `password`; the user is never asked for it on the terminal. Errors: those of reading a file; malformed, if the
    // text is not PEM of this kind; invalid, if the key belongs to another certificate, or if a certificate of the
    // chain did not sign the one before it; not_permitted, if the password is missing or wrong.
    static result<certificate> from_files(const std::string& chain_file, const std::string& key_file,
                                          const std::string& password = {});
    static result<certificate> from_pem(std::string_view chain, std::string_view key, const std::string& password = {});
    // Makes a key (ECDSA, P-256) and a self-signed certificate, for tests, and for first experiments with a client that
    // pins it. `names` are host names and IP addresses. The certificate is valid from one day ago until `days` days
    // from now. Errors: invalid, if no name is given, or if one is neither a host name nor an IP address. Throws
    // std::bad_alloc.
    static result<certificate> self_signed(const std::vector<std::string>& names, int days = 30);

    // Returns the SHA-256 of the public key, as clients pin it (RFC 7469): "sha256:" and 44 characters of Base64.
    std::string pin() const;
    // Returns the subject of this side's certificate: "CN=example.org,O=Example" (RFC 4514).
    std::string subject() const;
    // Checks that every certificate of the chain is valid now. Errors: invalid, with a text such as "the certificate
    // for example.org expired on 2026-01-31 ...".
    result<void> check_dates() const;

    // For the library.
    const internal::certificate_data& data() const noexcept { return *data_; }

private:
    explicit certificate(std::shared_ptr<const internal::certificate_data> data) noexcept : data_(std::move(data)) {}

    std::shared_ptr<const internal::certificate_data> data_;
};

}  // namespace tls
}  // namespace weir
