#include "tests/tls/authority.h"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdint>

namespace weir_test {
namespace {

std::shared_ptr<EVP_PKEY> make_key(bool is_rsa = false) {
    std::shared_ptr<EVP_PKEY> made(is_rsa ? EVP_RSA_gen(2048U) : EVP_EC_gen("P-256"), &EVP_PKEY_free);
    REQUIRE(made != nullptr);
    return made;
}

std::string text_in(BIO* memory) {
    char* start = nullptr;
    const long size = BIO_get_mem_data(memory, &start);
    std::string text(start, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

std::string pem_of(X509* one) {
    BIO* const text = BIO_new(BIO_s_mem());
    REQUIRE(PEM_write_bio_X509(text, one) == 1);
    return text_in(text);
}

std::string pem_of(EVP_PKEY* one) {
    BIO* const text = BIO_new(BIO_s_mem());
    REQUIRE(PEM_write_bio_PrivateKey(text, one, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return text_in(text);
}

void add(X509* to, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_nconf_nid(nullptr, &context, kind, value.c_str());
    REQUIRE(made != nullptr);
    X509_add_ext(to, made, -1);
    X509_EXTENSION_free(made);
}

// Sets a name such as "CN=name" or "CN=name,O=of".
void set_name(X509* of, const std::string& text) {
    X509_NAME* const name = X509_get_subject_name(of);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string part = text.substr(at, end - at);
        const std::size_t equals = part.find('=');
        const std::string value = part.substr(equals + 1);
        REQUIRE(X509_NAME_add_entry_by_txt(name, part.substr(0, equals).c_str(), MBSTRING_UTF8,
                                           reinterpret_cast<const unsigned char*>(value.data()),
                                           static_cast<int>(value.size()), -1, 0) == 1);
        at = end + 1;
    }
}

// If `issuer` is null, the certificate is self-signed.
std::shared_ptr<X509> make(const authority::wish& of, EVP_PKEY* key, X509* issuer, EVP_PKEY* signer) {
    static std::uint64_t serial = 1;
    std::shared_ptr<X509> made(X509_new(), &X509_free);
    X509* const one = made.get();
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(one), serial++);
    X509_gmtime_adj(X509_getm_notBefore(one), of.from_days * 24L * 60 * 60);
    X509_gmtime_adj(X509_getm_notAfter(one), of.to_seconds != 0 ? of.to_seconds : of.to_days * 24L * 60 * 60);
    X509_set_pubkey(one, key);
    set_name(one, of.owner);
    X509_set_issuer_name(one, X509_get_subject_name(issuer == nullptr ? one : issuer));
    add(one, issuer == nullptr ? one : issuer, NID_basic_constraints,
        of.is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    add(one, issuer == nullptr ? one : issuer, NID_subject_key_identifier, "hash");
    std::string names;
    for (const auto& name : of.names) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) add(one, issuer == nullptr ? one : issuer, NID_subject_alt_name, names);
    REQUIRE(X509_sign(one, signer, EVP_sha256()) != 0);
    return made;
}

}  // namespace

weir::tls::certificate issued::with(const std::string& chain) const {
    auto made = weir::tls::certificate::from_pem(certificate + chain, key);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    return *made;
}

std::string issued::encrypted(const std::string& password) const {
    BIO* const plain = BIO_new_mem_buf(key.data(), static_cast<int>(key.size()));
    EVP_PKEY* const read = PEM_read_bio_PrivateKey(plain, nullptr, nullptr, nullptr);
    BIO_free(plain);
    BIO* const text = BIO_new(BIO_s_mem());
    REQUIRE(PEM_write_bio_PKCS8PrivateKey(text, read, EVP_aes_256_cbc(), password.data(),
                                          static_cast<int>(password.size()), nullptr, nullptr) == 1);
    EVP_PKEY_free(read);
    return text_in(text);
}

authority::authority(const std::string& name) : key_(make_key()) {
    own_ = make({.to_days = 365, .owner = "CN=" + name, .is_authority = true}, key_.get(), nullptr, key_.get());
    pem_ = pem_of(own_.get());
}

issued authority::issue(const wish& of) const {
    const auto key = make_key(of.is_rsa);
    const auto made = make(of, key.get(), own_.get(), key_.get());
    return {pem_of(made.get()), pem_of(key.get())};
}

authority authority::below(const std::string& name) const {
    authority made;
    made.key_ = make_key();
    made.own_ =
        make({.to_days = 365, .owner = "CN=" + name, .is_authority = true}, made.key_.get(), own_.get(), key_.get());
    made.pem_ = pem_of(made.own_.get());
    return made;
}

}  // namespace weir_test
