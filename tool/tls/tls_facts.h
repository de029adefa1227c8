// Formats the facts that TLS has found out about a peer, for people and for programs. It needs no OpenSSL, because the
// facts are texts.
#pragma once

#include <optional>
#include <string>

#include <weir/stream/peer_facts.h>

#include "tool/terminal/json.h"

namespace weir_tool {

// Returns the facts in this form: "TLSv1.3, TLS_AES_128_GCM_SHA256, resumed, peer "CN=alice", alpn h2, server name
// "localhost"". The text is empty without TLS.
std::string describe_tls(const weir::peer_facts& facts);
// Returns an object with those of the members version, cipher, resumed (true or false), peer, alpn and server_name that
// are known; nothing without TLS.
std::optional<json_object> tls_object(const weir::peer_facts& facts);

}  // namespace weir_tool
