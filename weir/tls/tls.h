// TLS for channels: weir::tls, a separate library (find_package component tls, pkg-config weir-tls), on OpenSSL 3.
//
// weir uses its own library context of OpenSSL, without a configuration file, because the path of that file may come
// from the environment. After the first use of weir::tls OpenSSL reads no configuration file in this process. A program
// that uses OpenSSL itself and needs the file must call OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr) first.
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
// client() or a server. A client's options must set the host, unless the chain is not verified (pins without
// authorities, or accept_any_certificate_insecurely). Refused with errc::malformed when plain bytes have arrived and
// were not received, because an attacker may have injected them.
inline task<result<void>> start(channel& over, std::shared_ptr<const wrapper> side) {
    return over.replace_stream(std::move(side));
}

}  // namespace tls
}  // namespace weir
