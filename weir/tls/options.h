// The options of TLS, for clients and servers. The defaults are safe: the peer is verified, TLS 1.2 is the oldest
// version, the suites are those of Mozilla's intermediate list, and there is no compression, no renegotiation and no
// early data. Revocation of certificates (CRL, OCSP) is not checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/time.h"
#include "weir/tls/certificate.h"

namespace [[gnu::visibility("default")]] weir {
namespace tls {

// The versions of the protocol: RFC 5246 and RFC 8446.
enum class version : std::uint8_t { tls_1_2, tls_1_3 };

// The options that both sides have. Thread safety: a value.
class common_options {
public:
    // The application protocols (RFC 7301) in order of preference, such as "h2". If the list is not empty, both sides
    // must agree on a protocol, or the handshake fails. The agreed protocol is the fact "tls.alpn" of the peer.
    std::vector<std::string> alpn;
    // The oldest and the newest version of TLS that this side accepts.
    version oldest = version::tls_1_2;
    version newest = version::tls_1_3;
    // The longest time from the call of wrap() to the end of the handshake, see wrapper::handshake_time().
    std::optional<duration> handshake_time = std::chrono::seconds(10);
    // By default an end without close_notify (RFC 8446, 6.1) is errc::truncated, because an attacker may have ended the
    // connection. Set this for peers that never send close_notify, if the framing shows where a message ends.
    bool accept_missing_close_notify = false;
    // Called with the secrets of each connection, as lines in the file format that Wireshark reads (SSLKEYLOGFILE).
    // These secrets decrypt the connection. The function is called on the loops' threads, concurrently.
    std::function<void(std::string_view line)> key_log;

protected:
    common_options() = default;
};

// The options of the client side. Thread safety: a value.
class client_options : public common_options {
public:
    client_options() = default;

    // The host name or IP address that the server's certificate must have in its subjectAltName (RFC 6125; a common
    // name does not count). Empty: the host of the address that connect() was called with. `host` is sent as the server
    // name (SNI, RFC 6066), unless it is an IP address or `server_name` is set.
    std::string host;
    // The server name (SNI) to send, if it is not `host`.
    std::string server_name;
    // Files with the certificates of the trusted authorities, in PEM. Without files and `authorities_pem`, those of the
    // system are used, from the paths that are compiled into OpenSSL. The library reads no environment variable.
    std::vector<std::string> authority_files;
    std::string authorities_pem;
    // Public keys, as certificate::pin() writes them; the server's public key must be one of them. Without authorities
    // a pin replaces the check of chain, dates and name; with authorities both checks must succeed. To combine pins
    // with the authorities of the system, set authority_files to their file (Debian:
    // /etc/ssl/certs/ca-certificates.crt).
    std::vector<std::string> pins;
    // The client's certificate, for a server that requests one.
    std::optional<certificate> own;
    // Resumes sessions of earlier connections of the same wrapper, without another exchange of certificates.
    bool resume = true;
    // Accepts any certificate. An attacker can then pretend to be the peer, and can read and change everything. Each
    // connection calls `warn` with a sentence, on its loop's thread; without `warn` the sentence is written to standard
    // error. Authorities and pins must not be set together with it.
    bool accept_any_certificate_insecurely = false;
    std::function<void(std::string_view sentence)> warn;
};

// Whether a server requests a certificate from its clients.
enum class client_certificate : std::uint8_t {
    none,      // requests none
    optional,  // verifies a certificate if the client shows one
    required,  // refuses a client without one
};

// The options of the server side. Thread safety: a value.
class server_options : public common_options {
public:
    server_options() = default;
    // Makes options with one certificate.
    explicit server_options(certificate own) : certificates{std::move(own)} {}

    // The server's certificates, at least one. A client that sends a server name (SNI) gets a certificate for that
    // name. If several are for the name, TLS chooses a kind of key (RSA, ECDSA) that the client can verify, and the
    // first certificate of that kind is sent. If none is for the name, or the client sends no name, the first
    // certificate of the list is sent.
    std::vector<certificate> certificates;
    // Whether clients are asked for a certificate.
    client_certificate clients = client_certificate::none;
    // Files with the certificates of the authorities that sign clients' certificates, in PEM.
    std::vector<std::string> client_authority_files;
    std::string client_authorities_pem;
    // Whether clients get tickets (RFC 5077, RFC 8446, 4.6.1), to resume their sessions. The keys of the tickets are
    // kept in memory and change every twelve hours. They survive a reload(), unless it changes `clients` or the
    // authorities of clients.
    bool resume = true;
};

}  // namespace tls
}  // namespace weir
