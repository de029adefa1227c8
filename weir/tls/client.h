// The client's side of TLS.
//
//     auto connected = co_await weir::connect("example.org:443", weir::tls::client(), weir::framing::lines());
#pragma once

#include <memory>

#include "weir/stream/wrapper.h"
#include "weir/tls/options.h"

namespace [[gnu::visibility("default")]] weir {
namespace tls {

// Makes a wrapper for connect(), adopt() and blocking_channel. Any number of connections may use it at a time, on
// several loops. A connection may resume the session of an earlier one to the same host and port. If the options cannot
// be used, for example because a file does not exist, each handshake fails with that error. Throws std::bad_alloc.
//
// Facts of the peer: "tls.version" (TLSv1.3), "tls.cipher", "tls.resumed" (yes or no), "tls.alpn", and "tls.peer", the
// subject of the server's certificate. The subject is verified only if the chain is verified, so it is not verified
// with pins alone.
//
// Errors of a handshake: untrusted, if the server's certificate is not accepted (the text has the reason);
// not_permitted, if the server does not accept this client; unsupported, if the two sides have no version, suite or
// protocol in common; malformed, if the received bytes are not TLS; truncated, if the peer closed; timed_out;
// no_memory; those of the options.
std::shared_ptr<const wrapper> client(client_options how = {});

}  // namespace tls
}  // namespace weir
