// What the two sides of a TLS connection can choose. The defaults are safe: the peer is verified, TLS 1.2 is the oldest
// version, the suites are those of Mozilla's intermediate list, and there is no compression, no renegotiation and no
// early data. Whether a certificate was revoked (CRL, OCSP) is not checked.
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

// What both sides can choose. Thread safety: a value.
class common_options {
public:
    // The application protocols (RFC 7301) in order of preference, such as "h2". When it is not empty, both sides must
    // agree on one: a handshake without one fails. peer_facts has it as "tls.alpn".
    std::vector<std::string> alpn;
    version oldest = version::tls_1_2;
    version newest = version::tls_1_3;
    // From the call of wrap() until the end of the handshake, see wrapper::handshake_time().
    std::optional<duration> handshake_time = std::chrono::seconds(10);
    // A connection that ends without close_notify (RFC 8446, 6.1) is errc::truncated, because an attacker may have
    // ended it. Set this for peers that never send one, if the framing shows where a message ends.
    bool accept_missing_close_notify = false;
    // Gets the secrets of each connection as lines of the file format that Wireshark reads (SSLKEYLOGFILE). Whoever has
    // them can read the connection. Called on the loops' threads, several at once.
    std::function<void(std::string_view line)> key_log;

protected:
    common_options() = default;
};

// Thread safety: a value.
class client_options : public common_options {
public:
    client_options() = default;

    // The name or IP address that the server's certificate must be for, in its subjectAltName (RFC 6125; a common name
    // does not count). Empty: the host in the text that connect() was
    // given. It is sent as the server name (SNI, RFC 6066), unless it is an IP address or `server_name` is set.
    std::string host;
    std::string server_name;
    // Files with the certificates of the authorities that are trusted; PEM. Empty: those of the system, in the folder
    // that OpenSSL was built for. The library reads no environment variable.
    std::vector<std::string> authority_files;
    std::string authorities_pem;
    // Public keys, as certificate::pin() writes them; the server's must be one of them. Without authorities a pin
    // replaces the check of chain, dates and name; with authorities all must hold. To pin beside those of the system,
    // name their file (Debian: /etc/ssl/certs/ca-certificates.crt).
    std::vector<std::string> pins;
    // The certificate to show when the server asks for one.
    std::optional<certificate> own;
    // Sessions of earlier connections of this object are resumed: no certificate is exchanged again.
    bool resume = true;
    // Any peer can be at the other end, and read and change everything. Each connection calls `warn` with a sentence,
    // on its loop's thread; without it the sentence is written to standard error. Neither authorities nor pins may be
    // named beside it.
    bool accept_any_certificate_insecurely = false;
    std::function<void(std::string_view sentence)> warn;
};

// Whether a server asks its clients for a certificate.
enum class client_certificate : std::uint8_t {
    none,      // it does not
    optional,  // it verifies one that a client shows
    required,  // a client without one is refused
};

// Thread safety: a value.
class server_options : public common_options {
public:
    server_options() = default;
    // With one certificate.
    explicit server_options(certificate own) : certificates{std::move(own)} {}

    // A client that names a host (SNI) gets the first one that is for it, else the first one.
    std::vector<certificate> certificates;
    client_certificate clients = client_certificate::none;
    // Files with the certificates of the authorities that sign clients' certificates; PEM.
    std::vector<std::string> client_authority_files;
    std::string client_authorities_pem;
    // Whether clients get tickets (RFC 5077, RFC 8446, 4.6.1), to resume their sessions. The keys of the tickets are
    // kept in memory, change every twelve hours, and survive a reload() that does not change what clients must show.
    bool resume = true;
};

}  // namespace tls
}  // namespace weir
