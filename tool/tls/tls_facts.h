// Formats the facts that TLS has found out about a peer, for people and for programs. It needs no OpenSSL, because the
// facts are texts.
#pragma once

#include <optional>
#include <string>

#include <weir/stream/peer_facts.h>

#include "tool/terminal/json.h"

namespace weir_tool {

// "TLSv1.3, TLS_AES_128_GCM_SHA256, resumed, peer "CN=alice", alpn h2, server name "localhost""; empty without TLS.
std::string describe_tls(const weir::peer_facts& facts);
// The object with the members version, cipher, resumed (true or false), peer, alpn and server_name, as far as they are
// known; none without TLS.
std::optional<json_object> tls_object(const weir::peer_facts& facts);

}  // namespace weir_tool
