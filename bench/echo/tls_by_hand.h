// OpenSSL over memory, for the hand-written server, the load and seal_and_open: the caller receives and sends, OpenSSL
// opens (decrypts) and seals (encrypts). One thread only.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "bench/echo/message_input.h"
#include "weir/base/check.h"

namespace bench {

template <auto Free>
struct frees {
    template <class Object>
    void operator()(Object* one) const noexcept {
        Free(one);
    }
};
using owned_ssl_context = std::unique_ptr<SSL_CTX, frees<&SSL_CTX_free>>;
using owned_ssl = std::unique_ptr<SSL, frees<&SSL_free>>;
using owned_session = std::unique_ptr<SSL_SESSION, frees<&SSL_SESSION_free>>;

// Sets the TLS version and the cipher suite of the benchmarks.
inline void choose_suite(SSL_CTX* how) {
    WEIR_CHECK(SSL_CTX_set_min_proto_version(how, TLS1_3_VERSION) == 1, "TLS 1.3");
    WEIR_CHECK(SSL_CTX_set_ciphersuites(how, "TLS_AES_128_GCM_SHA256") == 1, "the suite");
    SSL_CTX_set_mode(how, SSL_MODE_RELEASE_BUFFERS);
}

// The context of a client that accepts any certificate. Only the server's signature in the handshake is verified.
inline owned_ssl_context client_context() {
    owned_ssl_context made(SSL_CTX_new(TLS_client_method()));
    choose_suite(made.get());
    return made;
}

// One end of a connection. Its owner passes received bytes to arrived(), and calls open() until it returns 0. The
// functions append the bytes to send to `output`. open() does so, too, for handshake messages and tickets.
class tls_end {
public:
    enum class side : bool { client, server };

    tls_end(SSL_CTX* how, side which) : ssl_(SSL_new(how)) {
        WEIR_CHECK(ssl_ != nullptr, "no memory");
        BIO* const memory = BIO_new(method());
        WEIR_CHECK(memory != nullptr, "no memory");
        BIO_set_init(memory, 1);
        SSL_set_bio(ssl_.get(), memory, memory);
        if (which == side::server) SSL_set_accept_state(ssl_.get());
        else SSL_set_connect_state(ssl_.get());
    }

    SSL* get() const noexcept { return ssl_.get(); }
    bool is_shaken() const noexcept { return SSL_is_init_finished(ssl_.get()) == 1; }

    // The bytes must stay valid until open() has returned 0, or shake() has returned true.
    static void arrived(const char* data, std::size_t size) noexcept { input = {data, size}; }

    // Opens records into `to` until it is full or all input is used. Returns 0 when nothing more can be opened.
    std::size_t open(char* to, std::size_t room, byte_pile& output) {
        sealed = &output;
        std::size_t all = 0;
        while (all < room) {
            std::size_t count = 0;
            if (SSL_read_ex(ssl_.get(), to + all, room - all, &count) != 1) {
                stop();
                break;
            }
            all += count;
            if (input.empty() && SSL_has_pending(ssl_.get()) == 0) break;
        }
        return all;
    }
    // Whether open() has found close_notify or an error.
    bool has_ended() const noexcept { return has_ended_; }

    // Continues the handshake. Returns false when it needs more input, or has failed.
    bool shake(byte_pile& output) {
        sealed = &output;
        if (SSL_do_handshake(ssl_.get()) == 1) return true;
        stop();
        return false;
    }

    // Seals the bytes: one record for each 16 KiB.
    void seal(const char* from, std::size_t size, byte_pile& output) {
        sealed = &output;
        std::size_t count = 0;
        WEIR_CHECK(SSL_write_ex(ssl_.get(), from, size, &count) == 1 && count == size, "SSL_write_ex");
    }
    // Seals close_notify.
    void end(byte_pile& output) {
        sealed = &output;
        if (SSL_shutdown(ssl_.get()) < 0) ERR_clear_error();
    }

private:
    void stop() noexcept {
        if (SSL_get_error(ssl_.get(), 0) == SSL_ERROR_WANT_READ) return;
        ERR_clear_error();
        has_ended_ = true;
    }

    static int read(BIO* from, char* into, std::size_t most, std::size_t* size) {
        BIO_clear_retry_flags(from);
        *size = std::min(most, input.size());
        if (*size == 0) {
            BIO_set_retry_read(from);
            return 0;
        }
        std::memcpy(into, input.data(), *size);
        input.remove_prefix(*size);
        return 1;
    }
    static int write(BIO*, const char* from, std::size_t size, std::size_t* written) {
        sealed->append(from, size);
        *written = size;
        return 1;
    }
    static long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }
    static const BIO_METHOD* method() {
        static BIO_METHOD* const one = [] {
            BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "by hand");
            BIO_meth_set_read_ex(made, &tls_end::read);
            BIO_meth_set_write_ex(made, &tls_end::write);
            BIO_meth_set_ctrl(made, &tls_end::control);
            return made;
        }();
        return one;
    }

    // The input and the output of the call that is running. Connections own no buffer.
    static inline std::string_view input;
    static inline byte_pile* sealed = nullptr;

    owned_ssl ssl_;
    bool has_ended_ = false;
};

}  // namespace bench
