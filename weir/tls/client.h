// The client's side of TLS.
//
//     auto connected = co_await weir::connect("example.org:443", weir::tls::client(), weir::framing::lines());
#pragma once

#include <memory>

#include "weir/stream/wrapper.h"
#include "weir/tls/options.h"

namespace [[gnu::visibility("default")]] weir {
namespace tls {

// Makes a wrapper for connect(), adopt() and blocking_channel. It may serve any number of connections at a time, on
// several loops; those to one host resume each other's sessions. Options that cannot be used (a file that does not
// exist) make each handshake fail with that error. Throws std::bad_alloc.
//
// Facts of the peer: "tls.version" (TLSv1.3), "tls.cipher", "tls.resumed" (yes or no), "tls.alpn", and "tls.peer", the
// subject of the server's certificate: when a pin alone, or nothing, is checked, that is only what the server says.
//
// Errors of a handshake: untrusted, the server's certificate is not accepted: the text says why; not_permitted, the
// server does not accept this client; unsupported, no version, suite or protocol in common; malformed, what came is not
// TLS; truncated, the peer closed; timed_out; no_memory; and those of the options.
std::shared_ptr<const wrapper> client(client_options how = {});

}  // namespace tls
}  // namespace weir
