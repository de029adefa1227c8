#include "weir/tls/internal/failure_text.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

// An alert that the peer has sent. OpenSSL's error code contains its number. The sentence for this side becomes the
// text of its error.
struct alert {
    int number;
    errc code;
    const char* at_server;  // this side is the server
    const char* at_client;  // this side is the client
};
constexpr alert alerts[] = {
    {SSL_AD_UNEXPECTED_MESSAGE, errc::malformed, "the client did not understand the handshake",
     "the server did not understand the handshake"},
    {SSL_AD_BAD_RECORD_MAC, errc::malformed, "the client got a record that was changed in transit",
     "the server got a record that was changed in transit"},
    {SSL_AD_HANDSHAKE_FAILURE, errc::unsupported,
     "the client has no cipher suite, curve or signature algorithm in common with this side",
     "the server has no cipher suite, curve or signature algorithm in common with this side, or requires a client "
     "certificate"},
    {SSL_AD_BAD_CERTIFICATE, errc::not_permitted, "the client does not accept this server's certificate",
     "the server does not accept this client's certificate"},
    {SSL_AD_UNSUPPORTED_CERTIFICATE, errc::not_permitted, "the client cannot use this kind of certificate",
     "the server cannot use this kind of certificate"},
    {SSL_AD_CERTIFICATE_REVOKED, errc::not_permitted, "the client reports that this server's certificate is revoked",
     "the server reports that this client's certificate is revoked"},
    {SSL_AD_CERTIFICATE_EXPIRED, errc::not_permitted, "the client reports that this server's certificate has expired",
     "the server reports that this client's certificate has expired"},
    {SSL_AD_CERTIFICATE_UNKNOWN, errc::not_permitted, "the client does not accept this server's certificate",
     "the server does not accept this client's certificate"},
    {SSL_AD_UNKNOWN_CA, errc::not_permitted, "the client does not trust the issuer of this server's certificate",
     "the server does not trust the issuer of this client's certificate"},
    {SSL_AD_ACCESS_DENIED, errc::not_permitted, "the client denies access", "the server denies access"},
    {SSL_AD_DECODE_ERROR, errc::malformed, "the client could not read a message of the handshake",
     "the server could not read a message of the handshake, or requires a client certificate"},
    {SSL_AD_DECRYPT_ERROR, errc::malformed, "the client could not verify a signature",
     "the server could not verify a signature"},
    {SSL_AD_PROTOCOL_VERSION, errc::unsupported, "the client does not support the TLS versions of this side",
     "the server does not support the TLS versions of this side"},
    {SSL_AD_INSUFFICIENT_SECURITY, errc::unsupported, "the client requires stronger cipher suites",
     "the server requires stronger cipher suites"},
    {SSL_AD_INTERNAL_ERROR, errc::reset, "the client reports an internal error",
     "the server reports an internal error"},
    {SSL_AD_USER_CANCELLED, errc::cancelled, "the client cancelled the handshake",
     "the server cancelled the handshake"},
    {SSL_AD_UNRECOGNIZED_NAME, errc::not_found, "the client did not recognise the name",
     "the server has no certificate for this name"},
    {SSL_AD_CERTIFICATE_REQUIRED, errc::not_permitted, "the client requires a certificate",
     "the server requires a client certificate"},
    {SSL_AD_NO_APPLICATION_PROTOCOL, errc::unsupported,
     "the client has no application protocol (ALPN) in common with this side",
     "the server has no application protocol (ALPN) in common with this side"},
};

// A failure that OpenSSL has found on this side.
struct reason {
    int number;
    errc code;
    const char* text;
};
constexpr reason reasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, errc::unsupported,
     "the peer does not speak TLS 1.2 or 1.3, or not the version required here"},
    {SSL_R_VERSION_TOO_LOW, errc::unsupported,
     "the peer does not speak TLS 1.2 or 1.3, or not the version required here"},
    {SSL_R_WRONG_SSL_VERSION, errc::unsupported,
     "the peer does not speak TLS 1.2 or 1.3, or not the version required here"},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, errc::unsupported, "no version of TLS is both allowed and supported"},
    {SSL_R_NO_SHARED_CIPHER, errc::unsupported,
     "the peer has no cipher suite in common with this side, or none for its certificates"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, errc::unsupported,
     "the peer has no signature algorithm in common with this side"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, errc::unsupported, "the peer has no key exchange in common with this side"},
    {SSL_R_NO_SUITABLE_GROUPS, errc::unsupported, "the peer has no curve in common with this side"},
    {SSL_R_NO_APPLICATION_PROTOCOL, errc::unsupported,
     "the peer has no application protocol (ALPN) in common with this side"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, errc::untrusted, "the client shows no certificate, and one is required"},
    {SSL_R_CERTIFICATE_VERIFY_FAILED, errc::untrusted, "the peer's certificate is not accepted"},
    {SSL_R_BAD_SIGNATURE, errc::untrusted,
     "the peer has not proved that it has the key of its certificate: its signature is wrong"},
    {SSL_R_EE_KEY_TOO_SMALL, errc::untrusted, "the key of the certificate is too small"},
    {SSL_R_CA_KEY_TOO_SMALL, errc::untrusted, "the key of a certificate in the chain is too small"},
    {SSL_R_CA_MD_TOO_WEAK, errc::untrusted, "a certificate in the chain is signed with a weak hash"},
    {SSL_R_HTTP_REQUEST, errc::malformed, "the peer does not speak TLS: this looks like an HTTP request"},
    {SSL_R_HTTPS_PROXY_REQUEST, errc::malformed,
     "the peer does not speak TLS: this looks like a request to an HTTP proxy"},
    {SSL_R_WRONG_VERSION_NUMBER, errc::malformed, "the peer does not speak TLS"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, errc::malformed, "a record was changed in transit"},
    {SSL_R_ENCRYPTED_LENGTH_TOO_LONG, errc::malformed, "a record is longer than 16 KiB"},
    {SSL_R_DATA_LENGTH_TOO_LONG, errc::malformed, "a record is longer than 16 KiB"},
    {SSL_R_PACKET_LENGTH_TOO_LONG, errc::malformed, "a record is longer than 16 KiB"},
    {SSL_R_NO_RENEGOTIATION, errc::unsupported, "the peer tried to renegotiate, which weir refuses"},
    {ERR_R_MALLOC_FAILURE, errc::no_memory, "out of memory"},
};

const reason* known_reason(unsigned long code) noexcept {
    const int number = ERR_GET_REASON(code);
    if (number != ERR_R_MALLOC_FAILURE && ERR_GET_LIB(code) != ERR_LIB_SSL) return nullptr;
    const auto* const found = std::ranges::find(reasons, number, &reason::number);
    return found == std::end(reasons) ? nullptr : found;
}

int alert_number(unsigned long code) noexcept {
    const int number = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET : -1;
    return number >= 0 && number <= 255 ? number : -1;
}
const alert* known_alert(unsigned long code) noexcept {
    const auto* const found = std::ranges::find(alerts, alert_number(code), &alert::number);
    return found == std::end(alerts) ? nullptr : found;
}

}  // namespace

errc meaning_of(unsigned long code) noexcept {
    if (const auto* const said = known_alert(code)) return said->code;
    if (const auto* const known = known_reason(code)) return known->code;
    return errc::malformed;
}

std::string failure_text(unsigned long code, bool is_server) {
    if (const auto* const said = known_alert(code)) return is_server ? said->at_server : said->at_client;
    if (const auto* const known = known_reason(code)) return known->text;
    const char* const text = ERR_reason_error_string(code);
    const int number = alert_number(code);
    if (number >= 0)
        return std::string("the peer ended it with the alert \"") + SSL_alert_desc_string_long(number) + '"';
    return text == nullptr ? "it failed for an unknown reason" : std::string("it failed: ") + text;
}

std::string plain_text_in(std::string_view first) {
    constexpr std::string_view methods[] = {"GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH "};
    for (const std::string_view method : methods) {
        if (first.starts_with(method)) return "an HTTP request";
    }
    if (first.starts_with("CONNECT ")) return "a request to an HTTP proxy";
    if (first.starts_with("HTTP/")) return "an HTTP response";
    if (first.starts_with("SSH-")) return "an SSH banner";
    if (first.starts_with("PROXY ")) return "a PROXY protocol header";
    if (first.starts_with("PRI * HTTP/2")) return "HTTP/2 without TLS";
    const auto is_text = [](char one) {
        return (one >= ' ' && one <= '~') || one == '\r' || one == '\n' || one == '\t';
    };
    if (first.size() < 2 || !std::ranges::all_of(first, is_text)) return {};
    return "plain text (" + quote(bytes_view(first)) + ")";
}

}  // namespace weir::internal
