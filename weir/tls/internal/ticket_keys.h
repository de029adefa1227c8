// The keys with which a server encrypts the session tickets of its clients (RFC 5077, 4). Private.
#pragma once

#include <openssl/types.h>

#include <array>
#include <chrono>
#include <mutex>
#include <optional>

namespace weir::internal {

// A key encrypts new tickets during its `lifetime`, and still decrypts them for another `lifetime`. The class reads the
// steady clock itself. Thread safety: all threads.
class ticket_keys {
public:
    static constexpr auto lifetime = std::chrono::hours(12);

    // The callback of SSL_CTX_set_tlsext_ticket_key_evp_cb(3) calls these; that page describes the parameters and
    // results.
    int seal(unsigned char* name, unsigned char* start, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
    int open(const unsigned char* name, const unsigned char* start, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);

private:
    struct key {
        std::array<unsigned char, 16> name;
        std::array<unsigned char, 32> cipher;
        std::array<unsigned char, 32> mac;
        std::chrono::steady_clock::time_point made;
    };

    bool rotate();
    static bool use(const key& one, EVP_MAC_CTX* mac);

    std::mutex mutex_;
    std::optional<key> newest_;
    std::optional<key> before_;
};

}  // namespace weir::internal
