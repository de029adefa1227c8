// TLS for channels: weir::tls, a library of its own (find_package component tls, pkg-config weir-tls), on OpenSSL 3.
//
// weir uses a library context of its own, without OpenSSL's configuration file, whose path the environment decides. The
// first use of weir::tls therefore means that OpenSSL reads no such file in this process. A program that uses OpenSSL
// itself and wants one calls OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr) before.
#pragma once

#include <memory>
#include <utility>

#include "weir/stream/channel.h"
#include "weir/tls/certificate.h"
#include "weir/tls/client.h"
#include "weir/tls/options.h"
#include "weir/tls/server.h"

namespace [[gnu::visibility("default")]] weir {
namespace tls {

// Begins TLS on a channel that has carried plain messages (STARTTLS), see channel::replace_stream(). `side` is a
// client() or a server; a client's options must name the host, unless they have pins alone. Whatever the peer sent in
// plain text before its handshake, and was not received yet, is refused (errc::malformed): an attacker may have
// put it there.
inline task<result<void>> start(channel& over, std::shared_ptr<const wrapper> side) {
    return over.replace_stream(std::move(side));
}

}  // namespace tls
}  // namespace weir
