#include "tool/tls/tls_facts.h"

#include <string_view>

#include <fmt/format.h>

#include "tool/command/talk.h"

namespace weir_tool {

std::string describe_tls(const weir::peer_facts& facts) {
    const auto version = facts.find("tls.version");
    if (!version) return {};
    std::string text(*version);
    if (const auto cipher = facts.find("tls.cipher")) text += fmt::format(", {}", *cipher);
    if (facts.find("tls.resumed") == "yes") text += ", resumed";
    if (const auto peer = facts.find("tls.peer")) text += fmt::format(", peer {}", show(*peer));
    if (const auto protocol = facts.find("tls.alpn")) text += fmt::format(", alpn {}", *protocol);
    if (const auto name = facts.find("tls.server_name")) text += fmt::format(", server name {}", show(*name));
    return text;
}

std::optional<json_object> tls_object(const weir::peer_facts& facts) {
    if (!facts.find("tls.version")) return {};
    json_object made;
    for (const std::string_view name : {"version", "cipher", "resumed", "peer", "alpn", "server_name"}) {
        const auto value = facts.find(fmt::format("tls.{}", name));
        if (!value) continue;
        if (name == "resumed") {
            made.add(name, *value == "yes");
        } else {
            made.add(name, *value);
        }
    }
    return made;
}

}  // namespace weir_tool
