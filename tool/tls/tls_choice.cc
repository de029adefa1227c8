#include "tool/tls/tls_choice.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tool/command/talk.h"
#include "tool/tls/tls_side.h"

namespace weir_tool {
namespace {

weir::error refuse(std::string sentence) { return weir::error(weir::errc::malformed, {}, {}, std::move(sentence)); }

// Returns the words between the commas; an empty text has none.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find(','), text.size());
        words.emplace_back(text.substr(0, length));
        if (length + 1 == text.size()) words.emplace_back();  // a comma at the end
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return words;
}

// RFC 7301 encodes the length in one byte, RFC 6066 in two; host names are not longer than 255 bytes.
bool has_right_length(const std::string& name) { return !name.empty() && name.size() <= 255; }

bool is_pin(std::string_view text) {
    constexpr std::string_view front = "sha256:";
    constexpr std::size_t digits = 43;  // 32 bytes in Base64, without the last character
    constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return text.starts_with(front) && text.size() == front.size() + digits + 1 && text.ends_with('=') &&
           text.substr(front.size(), digits).find_first_not_of(base64) == std::string_view::npos;
}

// Returns whether a client has no host name for which it could verify the certificate: a Unix socket has none.
bool lacks_host(const given& options, const tls_choice& how) {
    const bool has_pin_alone = !how.pins.empty() && how.authority_file.empty();
    return options.which().name == "connect" && options.text("ADDRESS").starts_with("unix:") && !has_pin_alone &&
           !how.is_insecure;
}

weir::result<void> check(const given& options, const tls_choice& how) {
    // An empty value, from an unset shell variable, must not select the default of the option.
    for (const std::string_view name : {"cert", "key", "key-password-file", "ca", "client-ca"}) {
        if (options.said(name) && options.text(name).empty())
            return refuse(fmt::format("--{} {}: must be the name of a file", name, show("")));
    }
    if (options.said("alpn") && (how.protocols.empty() || !std::ranges::all_of(how.protocols, has_right_length)))
        return refuse(fmt::format("--alpn {}: must be a list of names of 1 to 255 bytes, such as h2,http/1.1",
                                  show(options.text("alpn"))));
    if (options.said("sni") && !has_right_length(how.server_name))
        return refuse(fmt::format("--sni {}: must be the name of a host", show(options.text("sni"))));
    if (options.said("pin") && (how.pins.empty() || !std::ranges::all_of(how.pins, is_pin)))
        return refuse(fmt::format(
            "--pin {}: a pin is sha256: and 44 characters, as weir serve --tls prints it; commas separate several",
            show(options.text("pin"))));
    if (how.is_insecure && (options.said("ca") || options.said("pin")))
        return refuse("--insecure accepts every certificate: it contradicts --ca and --pin");
    if (lacks_host(options, how))
        return refuse(fmt::format("{}: a Unix address has no host name to verify: use --pin alone",
                                  show(options.text("ADDRESS"))));
    return {};
}

}  // namespace

weir::result<std::optional<tls_choice>> tls_value(const given& options) {
    if (!options.said("tls")) return std::optional<tls_choice>();
    if (!has_tls()) return refuse("--tls: this weir was built without TLS; OpenSSL 3 and cmake -DWEIR_TLS=ON add it");
    tls_choice how;
    how.certificate_file = options.text("cert");
    how.key_file = options.said("key") ? options.text("key") : options.text("cert");
    how.password_file = options.text("key-password-file");
    how.authority_file = options.text(options.which().name == "serve" ? "client-ca" : "ca");
    how.protocols = words_of(options.text("alpn"));
    if (options.said("sni")) how.server_name = options.text("sni");
    how.pins = words_of(options.text("pin"));
    how.is_insecure = options.said("insecure");
    if (const auto right = check(options, how); !right) return right.error();
    return std::optional(std::move(how));
}

}  // namespace weir_tool
