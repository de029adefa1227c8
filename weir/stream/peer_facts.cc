#include "weir/stream/peer_facts.h"

#include <algorithm>

namespace weir {

void peer_facts::set(std::string_view name, std::string value) {
    const auto found = std::ranges::find(all_, name, &fact::name);
    if (found != all_.end()) {
        found->value = std::move(value);
    } else {
        all_.push_back({std::string(name), std::move(value)});
    }
}

std::optional<std::string_view> peer_facts::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(all_, name, &fact::name);
    if (found == all_.end()) return {};
    return found->value;
}

}  // namespace weir
