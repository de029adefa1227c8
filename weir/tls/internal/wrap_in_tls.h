// The handshake of one connection. Private.
#pragma once

#include <memory>
#include <string>

#include "weir/coroutine/task.h"
#include "weir/loop/byte_stream.h"
#include "weir/stream/peer_facts.h"
#include "weir/tls/internal/tls_context.h"

namespace weir::internal {

// Performs the handshake over `below` and returns the TLS stream on top of it. Sets the facts of `peer`. `host`: the
// name that a client verifies; empty for a server. Errors: those of tls::client().
task<result<owned_stream>> wrap_in_tls(std::shared_ptr<const tls_context> how, std::string host, owned_stream below,
                                       peer_facts& peer);

}  // namespace weir::internal
