#include "tests/compare/names.h"

#include <unistd.h>

namespace compare {
namespace {

std::string own_mark() { return "-" + std::to_string(::getpid()); }

}  // namespace

void names::learn(const weir::address& chosen, const std::string& owner) { owners_[key(chosen)] = owner; }

std::string names::owner(const weir::address& one) const { return owner_of(key(one)); }

std::string names::owner_of(std::string key) const {
    auto found = owners_.find(key);
    if (found == owners_.end() && is_port(key)) {
        key.front() = key.front() == '4' ? '6' : '4';
        found = owners_.find(key);
    }
    return found != owners_.end() ? found->second : std::string();
}

bool names::is_port(std::string_view key) { return key.starts_with("4/") || key.starts_with("6/"); }

std::string names::key(const weir::address& one) {
    if (!one.is_ip()) return std::string(one.local_name());
    return (one.family() == weir::address_family::ipv6 ? "6/" : "4/") + std::to_string(one.port());
}

std::string names::show(const weir::address& one) {
    const std::string marked = '\1' + key(one) + '\2';
    if (one.is_ip() && one.port() != 0) {
        const std::string host = one.with_port(0).to_string();
        return host.substr(0, host.size() - 1) + marked;
    }
    return one.is_abstract() ? "unix:@" + marked : one.to_string();
}

std::string names::resolve(std::string_view text) const {
    std::string resolved;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\1') {
            resolved += text[at];
            continue;
        }
        const std::size_t end = text.find('\2', at);
        std::string name(text.substr(at + 1, end - at - 1));
        const std::string owner = owner_of(name);
        if (is_port(name)) name.erase(0, 2);
        if (!owner.empty()) name = '<' + owner + '>';
        if (name.ends_with(own_mark())) name.resize(name.size() - own_mark().size());
        resolved += name;
        at = end;
    }
    return resolved;
}

std::string names::mark(std::string_view text) {
    std::string marked(text);
    if (text.starts_with("unix:@") && text.size() > 6) marked += own_mark();
    return marked;
}

}  // namespace compare
