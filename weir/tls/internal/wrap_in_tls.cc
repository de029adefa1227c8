#include "weir/tls/internal/wrap_in_tls.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "weir/loop/loop.h"
#include "weir/stream/handshake.h"
#include "weir/tls/internal/failure_text.h"
#include "weir/tls/internal/tls_machine.h"
#include "weir/tls/internal/tls_stream.h"

namespace weir::internal {
namespace {

// The first bytes of a peer, for the error text if it does not speak TLS.
class first_bytes {
public:
    void add(bytes_view more) noexcept {
        const std::size_t count = std::min(more.size(), kept_.size() - size_);
        std::ranges::copy(more.text().substr(0, count), kept_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += count;
    }
    std::string_view text() const noexcept { return {kept_.data(), size_}; }

private:
    std::array<char, 24> kept_{};
    std::size_t size_ = 0;
};

// Returns the protocol that ALPN selected; empty for none.
std::string_view chosen_protocol(const tls_machine& machine) {
    const unsigned char* protocol = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(machine.get(), &protocol, &size);
    return {reinterpret_cast<const char*>(protocol), size};
}

void set_facts(peer_facts& peer, const tls_machine& machine) {
    SSL* const one = machine.get();
    peer.reserve(96);  // version, suite and resumed
    peer.set("tls.version", SSL_get_version(one));
    peer.set("tls.cipher", SSL_get_cipher_name(one));
    peer.set("tls.resumed", SSL_session_reused(one) == 1 ? "yes" : "no");
    if (const std::string_view protocol = chosen_protocol(machine); !protocol.empty()) peer.set("tls.alpn", protocol);
    if (machine.context().is_server()) {
        if (const char* const name = SSL_get_servername(one, TLSEXT_NAMETYPE_host_name))
            peer.set("tls.server_name", name);
    }
    if (const X509* const shown = SSL_get0_peer_certificate(one))
        peer.set("tls.peer", text_of(X509_get_subject_name(shown)));
}

error failed(errc code, const std::string& text, const first_bytes& first) {
    const std::string plain = plain_text_in(first.text());
    if (!plain.empty()) return error(errc::malformed, {}, {}, "the peer does not speak TLS: this looks like " + plain);
    return error(code, {}, {}, text);
}

// Warns that a connection is not safe if it is encrypted, but the certificate of its peer is not verified.
void warn_of(const tls_context& how, const std::string& host, const byte_stream& below) {
    if (how.is_server() || !how.client().accept_any_certificate_insecurely) return;
    const std::string sentence = "the certificate of " + (host.empty() ? below.peer_address().to_string() : host) +
                                 " is NOT verified: this may be any server";
    if (how.client().warn) return how.client().warn(sentence);
    std::fprintf(stderr, "weir: %s\n", sentence.c_str());
}

// OpenSSL sends no alert to a peer that does not speak TLS. This alert tells the peer more than a closed connection
// would.
void add_alert(buffer& output) {
    constexpr std::byte protocol_version[] = {std::byte{21}, std::byte{3}, std::byte{1}, std::byte{0},
                                              std::byte{2},  std::byte{2}, std::byte{70}};
    output.append(bytes_view(protocol_version, sizeof protocol_version));
}

// TLS allows a server to choose no protocol, so a client checks the choice. A server's callbacks have already checked
// it.
result<void> check_protocol(const tls_machine& machine) {
    if (machine.context().protocols().empty() || machine.context().is_server()) return {};
    if (!chosen_protocol(machine).empty()) return {};
    return error(errc::unsupported, {}, {}, "the server chose no application protocol (ALPN)");
}

}  // namespace

task<result<owned_stream>> wrap_in_tls(std::shared_ptr<const tls_context> how, std::string host, owned_stream below,
                                       peer_facts& peer) {
    const std::uint16_t port = how->is_server() ? std::uint16_t{0} : below->peer_address().port();
    warn_of(*how, host, *below);
    auto machine = std::make_unique<tls_machine>(std::move(how), host, port);
    handshake opening(std::move(below));
    first_bytes first;
    buffer output = loop::current().memory().spares().take();
    for (auto step = tls_machine::step::wants_input; step != tls_machine::step::done;) {
        bytes_view input = opening.received().view();
        const std::size_t arrived = input.size();
        step = machine->shake(input, output);
        opening.received().consume(arrived - input.size());
        if (step == tls_machine::step::failed && output.empty()) add_alert(output);
        if (!output.empty()) {  // also after a failure: an alert with the reason
            const auto sent = co_await opening.send(output.view());
            output.clear();
            if (!sent && step != tls_machine::step::failed) co_return sent.error();
        }
        if (step == tls_machine::step::failed) co_return failed(machine->failure(), machine->failure_text(), first);
        if (step == tls_machine::step::done) break;
        if (auto more = co_await opening.receive_more(); !more) {
            const error why = more.error();
            if (why == errc::cancelled) co_return why;
            co_return failed(why.code(),
                             why.detail().empty() ? std::string(to_string(why.code())) : std::string(why.detail()),
                             first);
        }
        first.add(opening.received().view());
    }
    if (auto agreed = check_protocol(*machine); !agreed) {
        machine->end(output);  // the peer gets close_notify, without the reason
        auto sent = co_await opening.send(output.view());
        co_return agreed.error();
    }
    set_facts(peer, *machine);
    loop::current().memory().spares().keep(output);
    borrowed_buffer early;
    if (const bytes_view rest = opening.received().view(); !rest.empty()) {
        early = loop::current().memory().lend_a_copy(rest);
        opening.received().clear();
    }
    co_return owned_stream(new tls_stream(opening.release(), std::move(machine), std::move(early)));
}

}  // namespace weir::internal
