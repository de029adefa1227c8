// The implementation of tls_side.h where weir is built with TLS.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include <weir/tls/tls.h>

#include "tool/tls/key_log.h"
#include "tool/tls/small_file.h"
#include "tool/tls/tls_side.h"

namespace weir_tool {
namespace {

weir::result<weir::tls::certificate> read_certificate(const tls_choice& how) {
    std::string password;
    if (!how.password_file.empty()) {
        const auto text = read_small_file(how.password_file);
        if (!text) return text.error();
        password = text->substr(0, text->find_first_of("\r\n"));
    }
    return weir::tls::certificate::from_files(how.certificate_file, how.key_file, password);
}

// Returns the host of "example.org:9000" or "[::1]:9000"; empty for a path, and for all interfaces.
std::string_view host_in(std::string_view address) {
    if (address.starts_with("unix:")) return {};
    std::string_view host = address.substr(0, address.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    host = host.substr(0, host.find('%'));  // without the interface of a link-local address
    return host == "*" || host == "0.0.0.0" || host == "::" ? std::string_view() : host;
}

// Returns the name of this machine, or an empty text.
std::string own_host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

// Whether certificate::self_signed() accepts the name: a host name or an IP address.
bool is_name(std::string_view text) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_";
    return !text.empty() && text.size() <= 253 && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::vector<std::string> names_at(std::string_view address) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    for (const std::string& one : {std::string(host_in(address)), own_host_name()}) {
        if (is_name(one) && std::ranges::find(names, one) == names.end()) names.push_back(one);
    }
    return names;
}

class server_side final : public server_tls {
public:
    server_side(tls_choice how, weir::tls::server_options options, std::vector<std::string> made_for,
                std::shared_ptr<weir::tls::server> made)
        : choice_(std::move(how)), options_(std::move(options)), made_(std::move(made)) {
        own_.made_for = std::move(made_for);
        describe();
    }

    weir::wrappers through() const override { return {made_}; }
    const own_certificate& certificate() const noexcept override { return own_; }

    weir::result<void> reload() override {
        weir::tls::server_options later = options_;
        if (!choice_.certificate_file.empty()) {
            auto read = read_certificate(choice_);
            if (!read) return read.error();
            later.certificates = {*std::move(read)};
        }
        if (auto reloaded = made_->reload(later); !reloaded) return reloaded;
        options_ = std::move(later);
        describe();
        return {};
    }

private:
    void describe() {
        own_.subject = options_.certificates.front().subject();
        own_.pin = options_.certificates.front().pin();
    }

    tls_choice choice_;
    weir::tls::server_options options_;
    own_certificate own_;
    std::shared_ptr<weir::tls::server> made_;
};

}  // namespace

bool has_tls() noexcept { return true; }

weir::result<weir::wrappers> make_client_tls(const tls_choice& how, const tls_warning& warn) {
    weir::tls::client_options options;
    options.alpn = how.protocols;
    options.handshake_time.reset();  // --timeout limits the handshake
    options.key_log = key_log_of_environment(warn);
    options.server_name = how.server_name;
    options.pins = how.pins;
    options.accept_any_certificate_insecurely = how.is_insecure;
    options.warn = warn;
    if (!how.authority_file.empty()) {
        const auto text = read_small_file(how.authority_file);  // before it connects, so that an error names the file
        if (!text) return text.error();
        options.authority_files = {how.authority_file};
    }
    if (!how.certificate_file.empty()) {
        auto own = read_certificate(how);
        if (!own) return own.error();
        if (const auto usable = own->check_dates(); !usable) return usable.error().during("use", how.certificate_file);
        options.own = *std::move(own);
    }
    return weir::wrappers{weir::tls::client(std::move(options))};
}

weir::result<std::unique_ptr<server_tls>> server_tls::make(const tls_choice& how, std::string_view address,
                                                           const tls_warning& warn) {
    std::vector<std::string> made_for;
    if (how.certificate_file.empty()) made_for = names_at(address);
    auto own = made_for.empty() ? read_certificate(how) : weir::tls::certificate::self_signed(made_for);
    if (!own) return own.error();
    weir::tls::server_options options(*std::move(own));
    options.alpn = how.protocols;
    options.key_log = key_log_of_environment(warn);
    if (!how.authority_file.empty()) {
        options.clients = weir::tls::client_certificate::required;
        options.client_authority_files = {how.authority_file};
    }
    auto made = weir::tls::server::make(options);
    if (!made) return made.error();
    return std::unique_ptr<server_tls>(
        std::make_unique<server_side>(how, std::move(options), std::move(made_for), *std::move(made)));
}

}  // namespace weir_tool
