#include "weir/tls/internal/tls_context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include "weir/tls/internal/certificate_data.h"
#include "weir/tls/internal/failure_text.h"
#include "weir/tls/internal/tls_machine.h"
#include "weir/tls/internal/verify_peer.h"

namespace weir::internal {
namespace {

// Mozilla's intermediate list, version 5.7.
constexpr const char* suites_1_3 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* suites_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";
constexpr const char* groups = "X25519:P-256:P-384";

constexpr std::string_view operation = "set up tls";

int number_of(tls::version one) { return one == tls::version::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION; }

void write_key(const SSL* connection, const char* line) {
    const auto& log = tls_machine::of(connection).context().common().key_log;
    try {
        log(line);
    } catch (...) {  // an exception must not pass through C code
        return;
    }
}

// Refuses a client that offers no protocol. Without this callback OpenSSL would accept it.
int demand_protocol(SSL* connection, int* alert, void*) {
    const unsigned char* offered = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(connection, TLSEXT_TYPE_application_layer_protocol_negotiation, &offered, &size) == 1)
        return SSL_CLIENT_HELLO_SUCCESS;
    tls_machine::of(connection)
        .refuse(errc::unsupported, "the client offers no application protocol (ALPN), and this server requires one");
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
}

int choose_protocol(SSL* connection, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    const std::string& own = tls_machine::of(connection).context().protocols();
    unsigned char* found = nullptr;
    const int how = SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(own.data()),
                                          static_cast<unsigned int>(own.size()), offered, offered_size);
    *chosen = found;
    return how == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

using certificate_stack = std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * one) { sk_X509_free(one); })>;

// The stack refers to the certificates of `one` and does not own them. Returns null when there is no memory.
certificate_stack chain_of(const certificate_data& one) {
    certificate_stack chain(sk_X509_new_null());
    for (const auto& each : one.chain) {
        if (chain != nullptr && sk_X509_push(chain.get(), each.get()) <= 0) chain.reset();
    }
    return chain;
}

int use(SSL* connection, const certificate_data& one) {
    const auto chain = chain_of(one);
    return chain == nullptr ? 0 : SSL_use_cert_and_key(connection, one.own.get(), one.key.get(), chain.get(), 1);
}

// Puts the certificate into the context. Refuses one that is not valid now, or too weak.
result<void> use_in(SSL_CTX* context, const tls::certificate& one) {
    if (auto dates = one.check_dates(); !dates) return dates.error().during(std::string(operation), {});
    const auto chain = chain_of(one.data());
    allocated(chain.get());
    if (SSL_CTX_use_cert_and_key(context, one.data().own.get(), one.data().key.get(), chain.get(), 1) == 1) return {};
    const unsigned long why = ERR_peek_error();
    ERR_clear_error();
    return error(errc::invalid, std::string(operation), one.subject(), failure_text(why, true));
}

// Without this callback a resumed session of TLS 1.2 has no server name.
int accept_name(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

// Offers all certificates for the server name that the client sent, so that OpenSSL chooses the kind of key (RSA,
// ECDSA) that the client can verify. If no certificate is for that name, or the client sent no name, it offers the
// first certificate.
int choose_certificate(SSL* connection, void*) {
    const auto& all = tls_machine::of(connection).context().server().certificates;
    const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    bool has_found = false;
    SSL_certs_clear(connection);  // removes those of the context, which may be for other names
    for (auto one = all.rbegin(); name != nullptr && one != all.rend(); ++one) {  // the first one of a kind remains
        if (X509_check_host(one->data().own.get(), name, 0, host_flags, nullptr) != 1) continue;
        if (use(connection, one->data()) != 1) return 0;
        has_found = true;
    }
    ERR_clear_error();
    return has_found ? 1 : use(connection, all.front().data());
}

int keep_session(SSL* connection, SSL_SESSION* one) {
    const tls_machine& machine = tls_machine::of(connection);
    if (machine.session_key().empty() || SSL_SESSION_is_resumable(one) != 1) return 0;
    machine.context().sessions().keep(machine.session_key(), owned_session(one));
    return 1;  // the cache owns it now
}

// Refuses to resume a session whose client certificate has expired since the handshake. If a certificate is required,
// the ticket of a session without one cannot be decrypted: the ticket keys change when that option changes.
SSL_TICKET_RETURN accept_ticket(SSL* connection, SSL_SESSION* one, const unsigned char*, std::size_t,
                                SSL_TICKET_STATUS how, void*) {
    switch (how) {
        case SSL_TICKET_FATAL_ERR_MALLOC:
        case SSL_TICKET_FATAL_ERR_OTHER: return SSL_TICKET_RETURN_ABORT;
        case SSL_TICKET_SUCCESS:
        case SSL_TICKET_SUCCESS_RENEW: break;
        default: return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
    if (tls_machine::of(connection).context().server().clients != tls::client_certificate::none &&
        !has_valid_certificate(one))
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return how == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

int use_ticket_key(SSL* connection, unsigned char* name, unsigned char* start, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                   int seals) {
    ticket_keys& keys = tls_machine::of(connection).context().tickets();
    if (seals != 0) return keys.seal(name, start, cipher, mac);
    const int opened = keys.open(name, start, cipher, mac);
    // A client uses a ticket of TLS 1.3 once, so it needs a new one after a resumption. OpenSSL sends a new one only if
    // this function returns 2.
    return opened == 1 && SSL_version(connection) == TLS1_3_VERSION ? 2 : opened;
}

bool has_system_authorities() {
    std::error_code none;
    const std::filesystem::directory_iterator folder(X509_get_default_cert_dir(), none);
    return (!none && folder != std::filesystem::directory_iterator()) ||
           std::filesystem::exists(X509_get_default_cert_file(), none);
}

result<std::string> on_the_wire(const std::vector<std::string>& protocols) {
    std::string all;
    for (const auto& one : protocols) {
        if (one.empty() || one.size() > 255)
            return error(errc::invalid, std::string(operation), one, "a protocol in alpn must have 1 to 255 bytes");
        all += static_cast<char>(one.size());
        all += one;
    }
    if (all.size() > 65'535) return error(errc::invalid, std::string(operation), "alpn", "too many protocols");
    return all;
}

bool is_pin(std::string_view text) {
    constexpr std::string_view prefix = "sha256:";
    constexpr std::size_t size = 44;  // 32 bytes in Base64; the last character is =
    return text.starts_with(prefix) && text.size() == prefix.size() + size && text.ends_with('=') &&
           text.substr(prefix.size(), size - 1)
                   .find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") ==
               std::string_view::npos;
}

}  // namespace

tls_context::tls_context() = default;
tls_context::~tls_context() = default;

const tls::common_options& tls_context::common() const noexcept {
    if (server_) return *server_;
    return client_;
}

result<void> tls_context::set_up(const tls::common_options& how) {
    ERR_clear_error();
    context_.reset(allocated(SSL_CTX_new_ex(openssl(), nullptr, TLS_method())));
    SSL_CTX* const made = context_.get();
    if (how.oldest > how.newest)
        return error(errc::invalid, std::string(operation), "oldest",
                     "the oldest version, TLS 1.3, is newer than the newest, TLS 1.2");
    require_memory(SSL_CTX_set_min_proto_version(made, number_of(how.oldest)));
    require_memory(SSL_CTX_set_max_proto_version(made, number_of(how.newest)));
    require_memory(SSL_CTX_set_cipher_list(made, suites_1_2));
    require_memory(SSL_CTX_set_ciphersuites(made, suites_1_3));
    require_memory(SSL_CTX_set1_groups_list(made, groups));
    SSL_CTX_set_security_level(made, 2);
    // A configuration file that the program has loaded may have set other options.
    SSL_CTX_clear_options(made, SSL_CTX_get_options(made));
    SSL_CTX_set_options(made, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cert_verify_callback(made, &verify_peer, nullptr);
    if (how.key_log) SSL_CTX_set_keylog_callback(made, &write_key);
    auto protocols = on_the_wire(how.alpn);
    if (!protocols) return protocols.error();
    protocols_ = std::move(*protocols);
    return {};
}

result<void> tls_context::trust(const std::vector<std::string>& files, const std::string& pem) {
    X509_STORE* const trusted = SSL_CTX_get_cert_store(context_.get());
    const auto add = [trusted](std::string_view text, const std::string& what) -> result<void> {
        auto all = read_certificates(text, what);
        if (!all) return all.error();
        for (const auto& one : *all) require_memory(X509_STORE_add_cert(trusted, one.get()));
        return {};
    };
    for (const auto& file : files) {
        auto text = read_file(file);
        if (!text) return text.error();
        if (auto added = add(*text, file); !added) return added;
    }
    if (!pem.empty()) return add(pem, "authorities");
    return {};
}

result<void> tls_context::set_up_client() {
    const auto& how = client_;
    if (auto set = set_up(how); !set) return set;
    SSL_CTX* const made = context_.get();
    for (const auto& one : how.pins) {
        if (!is_pin(one))
            return error(errc::invalid, std::string(operation), one,
                         "a pin is sha256: and the 44 characters of a SHA-256 in Base64");
    }
    const bool has_authorities = !how.authority_files.empty() || !how.authorities_pem.empty();
    if (how.accept_any_certificate_insecurely && (has_authorities || !how.pins.empty()))
        return error(errc::invalid, std::string(operation), "accept_any_certificate_insecurely",
                     "authorities or pins are set, too, and would be ignored");
    verifies_chain_ = how.pins.empty() || has_authorities;
    if (has_authorities) {
        if (auto trusted = trust(how.authority_files, how.authorities_pem); !trusted) return trusted;
    } else if (verifies_chain_ && !how.accept_any_certificate_insecurely) {
        // The paths that are compiled into OpenSSL, not those of the environment. Each handshake searches the folder.
        X509_STORE* const trusted = SSL_CTX_get_cert_store(made);
        if (!has_system_authorities())
            return error(errc::not_found, std::string(operation), X509_get_default_cert_dir(),
                         "no authorities are installed there (Debian: ca-certificates); set authority_files");
        static_cast<void>(X509_STORE_load_file_ex(trusted, X509_get_default_cert_file(), openssl(), nullptr));
        require_memory(X509_STORE_load_path(trusted, X509_get_default_cert_dir()));
        ERR_clear_error();
    }
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, nullptr);
    if (!protocols_.empty())
        require_memory(SSL_CTX_set_alpn_protos(made, reinterpret_cast<const unsigned char*>(protocols_.data()),
                                               static_cast<unsigned int>(protocols_.size())) == 0
                           ? 1
                           : 0);
    if (how.own) {
        if (auto used = use_in(made, *how.own); !used) return used;
    }
    if (how.resume) {
        SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(made, &keep_session);
    }
    return {};
}

// Adds the names of the authorities to the certificate request, so that a client can choose its certificate.
result<void> tls_context::name_client_authorities() {
    const STACK_OF(X509_OBJECT)* const all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context_.get()));
    std::string digest;
    for (int i = 0; i < sk_X509_OBJECT_num(all); ++i) {
        X509* const one = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));
        if (one == nullptr) continue;
        require_memory(SSL_CTX_add_client_CA(context_.get(), one));
        digest += digest_of(one);
    }
    if (digest.empty())
        return error(errc::invalid, std::string(operation), {},
                     "clients are asked for certificates, but no authority for them is set");
    asked_of_clients_ += digest;
    return {};
}

result<void> tls_context::set_up_server(const tls_context* before) {
    const auto& how = *server_;
    if (auto set = set_up(how); !set) return set;
    SSL_CTX* const made = context_.get();
    // The server's order decides, except that ChaCha20 is used when the client puts it first: such a client lacks AES
    // instructions.
    SSL_CTX_set_options(made, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    if (how.certificates.empty())
        return error(errc::invalid, std::string(operation), {}, "a server needs a certificate");
    for (const auto& one : how.certificates) {
        if (auto used = use_in(made, one); !used) return used;
    }
    if (how.certificates.size() > 1) SSL_CTX_set_cert_cb(made, &choose_certificate, nullptr);
    // SSL_CTX_set_tlsext_servername_callback() without its macro, which contains a C-style cast.
    SSL_CTX_callback_ctrl(made, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, reinterpret_cast<void (*)()>(&accept_name));
    if (!protocols_.empty()) {
        SSL_CTX_set_client_hello_cb(made, &demand_protocol, nullptr);
        SSL_CTX_set_alpn_select_cb(made, &choose_protocol, nullptr);
    }
    asked_of_clients_ = std::to_string(static_cast<int>(how.clients));
    if (how.clients != tls::client_certificate::none) {
        if (auto trusted = trust(how.client_authority_files, how.client_authorities_pem); !trusted) return trusted;
        if (auto named = name_client_authorities(); !named) return named;
        const int demand = how.clients == tls::client_certificate::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
        SSL_CTX_set_verify(made, SSL_VERIFY_PEER | demand, nullptr);
    }
    // The tickets contain the sessions, so the memory of the server does not grow with the number of clients.
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    constexpr std::string_view name = "weir";
    require_memory(
        SSL_CTX_set_session_id_context(made, reinterpret_cast<const unsigned char*>(name.data()), name.size()));
    if (how.resume) {
        const bool same = before != nullptr && before->tickets_ && before->asked_of_clients_ == asked_of_clients_;
        tickets_ = same ? before->tickets_ : std::make_shared<ticket_keys>();
        SSL_CTX_set_tlsext_ticket_key_evp_cb(made, &use_ticket_key);
        require_memory(SSL_CTX_set_session_ticket_cb(made, nullptr, &accept_ticket, nullptr));
    } else {
        SSL_CTX_set_options(made, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(made, 0);
    }
    return {};
}

result<std::shared_ptr<const tls_context>> tls_context::of_client(tls::client_options how) {
    const std::shared_ptr<tls_context> made(new tls_context);
    made->client_ = std::move(how);
    if (auto set = made->set_up_client(); !set) return set.error();
    return std::shared_ptr<const tls_context>(made);
}

result<std::shared_ptr<const tls_context>> tls_context::of_server(tls::server_options how, const tls_context* before) {
    const std::shared_ptr<tls_context> made(new tls_context);
    made->server_ = std::move(how);
    if (auto set = made->set_up_server(before); !set) return set.error();
    return std::shared_ptr<const tls_context>(made);
}

}  // namespace weir::internal
