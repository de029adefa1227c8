// The server's side of TLS.
//
//     auto own = weir::tls::certificate::from_files("server.crt", "server.key");
//     if (!own) return own.error().print();
//     auto secure = weir::tls::server::make(weir::tls::server_options(*own));
//     if (!secure) return secure.error().print();
//     return weir::serve("0.0.0.0:9000", *secure, weir::framing::lines(), echo);
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "weir/base/result.h"
#include "weir/stream/wrapper.h"
#include "weir/tls/options.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {
class tls_context;
}
namespace tls {

// A wrapper for serve(), server, adopt() and blocking_channel; loops may share it.
//
// Facts of the peer: "tls.version" (TLSv1.3), "tls.cipher", "tls.resumed" (yes or no), "tls.server_name" (SNI, as the
// client sent it), "tls.peer" (the subject of the client's verified certificate), "tls.alpn".
//
// Errors of a handshake: those of client(). Thread safety: all threads.
class server final : public wrapper {
public:
    // Makes the wrapper. Errors: invalid, if there is no certificate, if one is not valid now, or if clients are asked
    // for certificates and no authority is set; malformed, if the text of an authority is not a certificate; those of
    // reading a file.
    static result<std::shared_ptr<server>> make(server_options how);
    ~server() override;

    // Replaces the options: later connections use the new ones, and existing connections keep theirs. Errors: those of
    // make(); after an error nothing has changed.
    result<void> reload(server_options how);

    std::string_view name() const noexcept override { return "tls"; }
    std::optional<duration> handshake_time() const noexcept override;
    task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const override;

private:
    explicit server(std::shared_ptr<const internal::tls_context> how) noexcept;
    std::shared_ptr<const internal::tls_context> current() const;

    mutable std::mutex mutex_;
    std::shared_ptr<const internal::tls_context> current_;
};

}  // namespace tls
}  // namespace weir
