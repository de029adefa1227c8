#include "weir/tls/internal/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "weir/tls/internal/openssl.h"

namespace weir::internal {

namespace {

const EVP_CIPHER* cipher_of_tickets() {
    static EVP_CIPHER* const one = EVP_CIPHER_fetch(openssl(), "AES-256-CBC", nullptr);
    return one;
}

}  // namespace

// Called with the lock held.
bool ticket_keys::rotate() {
    const auto now = std::chrono::steady_clock::now();
    if (before_ && now - before_->made > 2 * lifetime) before_.reset();
    if (newest_ && now - newest_->made <= lifetime) return true;
    key made{};
    made.made = now;
    if (RAND_bytes_ex(openssl(), made.name.data(), made.name.size(), 0) != 1 ||
        RAND_priv_bytes_ex(openssl(), made.cipher.data(), made.cipher.size(), 0) != 1 ||
        RAND_priv_bytes_ex(openssl(), made.mac.data(), made.mac.size(), 0) != 1)
        return false;
    before_ = newest_;
    if (before_ && now - before_->made > 2 * lifetime) before_.reset();
    newest_ = made;
    return true;
}

bool ticket_keys::use(const key& one, EVP_MAC_CTX* mac) {
    char digest[] = "SHA256";
    auto* const secret = const_cast<unsigned char*>(one.mac.data());  // the interface of OSSL_PARAM is not const
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret, one.mac.size()),
                                     OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

int ticket_keys::seal(unsigned char* name, unsigned char* start, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    const std::lock_guard locked(mutex_);
    // 0: no ticket is sent; the handshake continues.
    if (cipher_of_tickets() == nullptr || !rotate()) return 0;
    std::ranges::copy(newest_->name, name);
    if (RAND_bytes_ex(openssl(), start, EVP_MAX_IV_LENGTH, 0) != 1) return 0;
    if (EVP_EncryptInit_ex(cipher, cipher_of_tickets(), nullptr, newest_->cipher.data(), start) != 1) return 0;
    return use(*newest_, mac) ? 1 : 0;
}

int ticket_keys::open(const unsigned char* name, const unsigned char* start, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    const std::lock_guard locked(mutex_);
    if (cipher_of_tickets() == nullptr || !rotate()) return 0;
    const auto has_name = [name](const key& one) {
        return std::ranges::equal(one.name, std::span(name, one.name.size()));
    };
    const key* found = nullptr;
    if (has_name(*newest_)) found = &*newest_;
    if (before_ && has_name(*before_)) found = &*before_;
    if (found == nullptr) return 0;  // leads to a full handshake
    if (!use(*found, mac)) return 0;
    if (EVP_DecryptInit_ex(cipher, cipher_of_tickets(), nullptr, found->cipher.data(), start) != 1) return 0;
    return found == &*newest_ ? 1 : 2;  // 2: the client gets a new ticket
}

}  // namespace weir::internal
