#include "weir/tls/certificate.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <new>

#include "weir/base/address.h"
#include "weir/tls/internal/certificate_data.h"

namespace weir::tls {
namespace {

using internal::allocated;
using internal::certificate_data;
using internal::openssl;
using internal::owned_certificate;
using internal::owned_key;
using internal::require_memory;

// The password callback for OpenSSL. It replaces the default callback, which would ask the user for the password on the
// terminal.
struct password_asked {
    const std::string& given;
    bool was_asked = false;

    static int answer(char* into, int most, int, void* of) {
        auto& self = *static_cast<password_asked*>(of);
        self.was_asked = true;
        if (self.given.empty() || self.given.size() > static_cast<std::size_t>(most)) return -1;
        std::ranges::copy(self.given, into);
        return static_cast<int>(self.given.size());
    }
};

result<owned_key> read_key(std::string_view pem, const std::string& what, const std::string& password) {
    ERR_clear_error();
    password_asked asked{password};
    owned_key key(PEM_read_bio_PrivateKey_ex(internal::read_from(pem).get(), nullptr, &password_asked::answer, &asked,
                                             openssl(), nullptr));
    if (key != nullptr) return key;
    const std::string why = internal::take_openssl_text();
    if (asked.was_asked)
        return error(errc::not_permitted, "read", what,
                     password.empty() ? "the key is encrypted, and no password was given"
                                      : "the key is encrypted, and the password is wrong");
    if (pem.find("PRIVATE KEY-----") == std::string_view::npos)
        return error(errc::malformed, "read", what, "there is no private key in it (-----BEGIN PRIVATE KEY-----)");
    return error(errc::malformed, "read", what, "not a valid private key: " + why);
}

result<std::shared_ptr<const certificate_data>> make(std::string_view chain, const std::string& chain_name,
                                                     std::string_view key, const std::string& key_name,
                                                     const std::string& password) {
    auto all = internal::read_certificates(chain, chain_name);
    if (!all) return all.error();
    auto made = std::make_shared<certificate_data>();
    made->own = std::move(all->front());
    for (auto one = all->begin() + 1; one != all->end(); ++one) made->chain.push_back(std::move(*one));
    auto read = read_key(key, key_name, password);
    if (!read) return read.error();
    made->key = std::move(*read);
    ERR_clear_error();
    if (X509_check_private_key(made->own.get(), made->key.get()) != 1) {
        ERR_clear_error();
        return error(errc::invalid, "read", key_name,
                     "the key does not belong to " + internal::title_of(made->own.get()) +
                         "; the certificate of the key must be the first one in its file");
    }
    X509* signed_one = made->own.get();
    for (const auto& signer : made->chain) {
        if (X509_check_issued(signer.get(), signed_one) != X509_V_OK)
            return error(errc::invalid, "read", chain_name,
                         internal::title_of(signed_one) + " is signed by " +
                             internal::text_of(X509_get_issuer_name(signed_one)) + ", but " +
                             internal::text_of(X509_get_subject_name(signer.get())) + " is next in the chain");
        if (X509_verify(signed_one, X509_get0_pubkey(signer.get())) != 1) {
            ERR_clear_error();
            return error(errc::invalid, "read", chain_name,
                         "the signature of " + internal::title_of(signed_one) + " is not that of " +
                             internal::text_of(X509_get_subject_name(signer.get())));
        }
        signed_one = signer.get();
    }
    return std::shared_ptr<const certificate_data>(std::move(made));
}

void add_extension(X509* to, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_nconf_nid(nullptr, &context, kind, value.c_str());
    if (made == nullptr) throw std::bad_alloc();
    const int added = X509_add_ext(to, made, -1);
    X509_EXTENSION_free(made);
    require_memory(added);
}

// Allows no character that has a meaning in OpenSSL's syntax of extensions.
bool is_name(std::string_view text) { return internal::is_host(text.starts_with("*.") ? text.substr(2) : text); }
bool is_ip_address(const std::string& text) {
    return bool(address::parse(text + ":0")) || bool(address::parse("[" + text + "]:0"));
}

}  // namespace

result<certificate> certificate::from_pem(std::string_view chain, std::string_view key, const std::string& password) {
    auto made = make(chain, "certificate", key, "key", password);
    if (!made) return made.error();
    return certificate(std::move(*made));
}

result<certificate> certificate::from_files(const std::string& chain_file, const std::string& key_file,
                                            const std::string& password) {
    auto chain = internal::read_file(chain_file);
    if (!chain) return chain.error();
    auto key = internal::read_file(key_file);
    if (!key) return key.error();
    auto made = make(*chain, chain_file, *key, key_file, password);
    OPENSSL_cleanse(key->data(), key->size());
    OPENSSL_cleanse(chain->data(), chain->size());  // it may hold the key, too
    if (!made) return made.error();
    return certificate(std::move(*made));
}

result<certificate> certificate::self_signed(const std::vector<std::string>& names, int days) {
    if (names.empty()) return error(errc::invalid, "make a certificate", {}, "no name is given");
    std::string alternatives;
    for (const auto& one : names) {
        if (!is_name(one))
            return error(errc::invalid, "make a certificate", one, "neither a host name nor an IP address");
        alternatives += (alternatives.empty() ? "" : ",") + std::string(is_ip_address(one) ? "IP:" : "DNS:") + one;
    }
    ERR_clear_error();
    auto made = std::make_shared<certificate_data>();
    made->key.reset(allocated(EVP_PKEY_Q_keygen(openssl(), nullptr, "EC", "P-256")));
    made->own.reset(allocated(X509_new_ex(openssl(), nullptr)));
    X509* const own = made->own.get();
    require_memory(X509_set_version(own, X509_VERSION_3));
    std::uint64_t serial = 0;
    require_memory(RAND_bytes_ex(openssl(), reinterpret_cast<unsigned char*>(&serial), sizeof serial, 0));
    require_memory(ASN1_INTEGER_set_uint64(X509_get_serialNumber(own), serial >> 1 | 1));
    constexpr long day = 24 * 60 * 60;
    allocated(X509_gmtime_adj(X509_getm_notBefore(own), -day));
    allocated(X509_gmtime_adj(X509_getm_notAfter(own), days * day));
    require_memory(X509_set_pubkey(own, made->key.get()));
    X509_NAME* const subject = X509_get_subject_name(own);
    const std::string& first = names.front();
    require_memory(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                              reinterpret_cast<const unsigned char*>(first.data()),
                                              static_cast<int>(std::min<std::size_t>(first.size(), 64)), -1, 0));
    require_memory(X509_set_issuer_name(own, subject));
    add_extension(own, NID_subject_alt_name, alternatives);
    add_extension(own, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(own, NID_subject_key_identifier, "hash");
    const std::unique_ptr<EVP_MD_CTX, internal::frees<&EVP_MD_CTX_free>> signing(allocated(EVP_MD_CTX_new()));
    require_memory(
        EVP_DigestSignInit_ex(signing.get(), nullptr, "SHA256", openssl(), nullptr, made->key.get(), nullptr));
    require_memory(X509_sign_ctx(own, signing.get()) > 0 ? 1 : 0);
    return certificate(std::move(made));
}

std::string certificate::pin() const { return internal::pin_of(data_->own.get()); }

std::string certificate::subject() const { return internal::text_of(X509_get_subject_name(data_->own.get())); }

result<void> certificate::check_dates() const {
    const auto refused = [](const X509* one, const char* says, const ASN1_TIME* when) {
        return error(errc::invalid, {}, {}, internal::title_of(one) + says + internal::text_of(when));
    };
    const auto check = [&refused](const X509* one) -> result<void> {
        const ASN1_TIME* const begins = X509_get0_notBefore(one);
        const ASN1_TIME* const ends = X509_get0_notAfter(one);
        if (X509_cmp_current_time(ends) < 0) return refused(one, " expired on ", ends);
        if (X509_cmp_current_time(begins) > 0) return refused(one, " is not valid before ", begins);
        return {};
    };
    if (auto own = check(data_->own.get()); !own) return own;
    for (const auto& one : data_->chain) {
        if (auto signer = check(one.get()); !signer) return signer;
    }
    return {};
}

}  // namespace weir::tls
