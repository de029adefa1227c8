#include "weir/tls/internal/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <new>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/text.h"

namespace weir::internal {
namespace {

using owned_names = std::unique_ptr<GENERAL_NAMES, frees<&GENERAL_NAMES_free>>;

std::string text_in(BIO* memory) {
    char* start = nullptr;
    const long size = BIO_get_mem_data(memory, &start);
    return {start, static_cast<std::size_t>(size)};
}

// Names come from a peer that is not trusted yet: they may be long, or contain bytes that would forge lines of a log.
std::string harmless(std::string_view text) {
    constexpr std::size_t most = 100;
    const auto is_plain = [](char one) { return one >= ' ' && one != '\x7f' && one != '"' && one != '\\'; };
    if (text.size() <= most && std::ranges::all_of(text, is_plain)) return std::string(text);
    return quote(bytes_view(text), most);
}

// Returns a DNS name or an IP address of a certificate; empty for other kinds of names.
std::string alternative_text(const GENERAL_NAME* one) {
    if (one->type == GEN_DNS) {
        const auto* const text = ASN1_STRING_get0_data(one->d.dNSName);
        return harmless(
            {reinterpret_cast<const char*>(text), static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName))});
    }
    if (one->type != GEN_IPADD) return {};
    const auto* const bytes = ASN1_STRING_get0_data(one->d.iPAddress);
    const int size = ASN1_STRING_length(one->d.iPAddress);
    std::string text;
    std::array<char, 8> piece{};
    if (size == 4) {
        for (int i = 0; i < 4; ++i) text += (i == 0 ? "" : ".") + std::to_string(bytes[i]);
    } else if (size == 16) {
        for (int i = 0; i < 16; i += 2) {
            std::snprintf(piece.data(), piece.size(), "%x", static_cast<unsigned>(bytes[i] << 8 | bytes[i + 1]));
            text += (i == 0 ? "" : ":") + std::string(piece.data());
        }
        text = short_address(text);
    }
    return text;
}

}  // namespace

OSSL_LIB_CTX* openssl() {
    struct library {
        // Without this constructor, the first call to OpenSSL would read a configuration file, whose path may come from
        // the environment.
        library() {
            OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
            context = OSSL_LIB_CTX_new();
            if (context == nullptr) throw std::bad_alloc();
        }
        ~library() = default;  // keeps the context: connections may outlive this object
        OSSL_LIB_CTX* context;
    };
    static const library one;
    return one.context;
}

void require_memory(long good) {
    if (good == 1) return;
    ERR_clear_error();
    throw std::bad_alloc();
}

std::string take_openssl_text() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* const reason = ERR_reason_error_string(code);
    return reason == nullptr ? std::string("OpenSSL gives no reason") : std::string(reason);
}

owned_bio read_from(std::string_view text) {
    return owned_bio(allocated(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))));
}

result<std::string> read_file(const std::string& path) {
    const std::unique_ptr<std::FILE, frees<&std::fclose>> file(std::fopen(path.c_str(), "rbe"));
    const auto failed = [&path](int why) {
        const errc code = why == ENOENT ? errc::not_found : why == EACCES ? errc::not_permitted : errc::system;
        return error(code, "read", path, why == ENOENT ? "there is no such file" : std::string(), why);
    };
    if (file == nullptr) return failed(errno);
    std::string text;
    std::array<char, 4096> piece{};
    while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), file.get())) {
        text.append(piece.data(), size);
        if (text.size() > 16 << 20) return error(errc::too_large, "read", path, "the file has more than 16 MiB");
    }
    if (std::ferror(file.get()) != 0) return failed(errno);
    return text;
}

result<std::vector<owned_certificate>> read_certificates(std::string_view pem, const std::string& what) {
    ERR_clear_error();
    const owned_bio text = read_from(pem);
    std::vector<owned_certificate> all;
    for (;;) {
        owned_certificate one(X509_new_ex(openssl(), nullptr));
        X509* place = allocated(one.get());
        if (PEM_read_bio_X509(text.get(), &place, nullptr, nullptr) == nullptr) {
            static_cast<void>(one.release());
            X509_free(place);  // null where OpenSSL has freed it
            break;
        }
        all.push_back(std::move(one));
    }
    const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string why = take_openssl_text();
    if (!is_at_end) return error(errc::malformed, "read", what, "not a valid certificate: " + why);
    if (all.empty())
        return error(errc::malformed, "read", what, "there is no certificate in it (-----BEGIN CERTIFICATE-----)");
    return all;
}

std::string text_of(const X509_NAME* name) {
    const owned_bio text(allocated(BIO_new(BIO_s_mem())));
    X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
    return harmless(text_in(text.get()));
}

std::string short_address(const std::string& text) {
    const auto parsed = address::parse("[" + text + "]:0");
    if (!parsed) return text;
    const std::string whole = parsed->to_string();
    return whole.substr(1, whole.find(']') - 1);
}

std::string names_of(const X509* one) {
    const owned_names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(one, NID_subject_alt_name, nullptr, nullptr)));
    constexpr int most = 3;
    int count = 0;
    std::string all;
    for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const std::string text = alternative_text(sk_GENERAL_NAME_value(names.get(), i));
        if (text.empty()) continue;
        if (count++ < most) all += (all.empty() ? "" : ", ") + text;
    }
    if (count > most) all += " and " + std::to_string(count - most) + " more";
    return all;
}

std::string text_of(const ASN1_TIME* when) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(when, &parts) != 1) return "an unknown time";
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
    return {text.data(), size};
}

std::string digest_of(const X509* one) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    unsigned int size = 0;
    require_memory(X509_digest(one, EVP_sha256(), sum.data(), &size));
    return {reinterpret_cast<const char*>(sum.data()), size};
}

bool has_valid_certificate(const SSL_SESSION* one) noexcept {
    // OpenSSL's parameter is not const, but the function does not change the session.
    const X509* const shown = SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(one));
    return shown == nullptr || (X509_cmp_current_time(X509_get0_notAfter(shown)) > 0 &&
                                X509_cmp_current_time(X509_get0_notBefore(shown)) < 0);
}

bool is_host(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 253 && text.front() != '.' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_") ==
               std::string_view::npos;
}

std::string pin_of(const X509* one) {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(one), &encoded);
    if (size <= 0) throw std::bad_alloc();
    const std::unique_ptr<unsigned char, decltype([](unsigned char* memory) { OPENSSL_free(memory); })> owned(encoded);
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    std::size_t sum_size = 0;
    require_memory(
        EVP_Q_digest(openssl(), "SHA256", nullptr, encoded, static_cast<std::size_t>(size), sum.data(), &sum_size));
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> text{};
    EVP_EncodeBlock(text.data(), sum.data(), static_cast<int>(sum_size));
    return "sha256:" + std::string(reinterpret_cast<const char*>(text.data()));
}

std::string title_of(const X509* one) {
    std::string names = names_of(one);
    if (names.empty()) names = text_of(X509_get_subject_name(one));
    return names.empty() ? std::string("a certificate without a name") : "the certificate for " + names;
}

}  // namespace weir::internal
