#include "weir/stream/peer_facts.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "weir/base/check.h"

namespace weir {
namespace {

using sizes = std::array<std::uint32_t, 2>;

}  // namespace

peer_facts::fact peer_facts::next(std::size_t& place) const noexcept {
    sizes both{};
    std::memcpy(both.data(), packed_.data() + place, sizeof both);
    const std::string_view all = packed_;
    const std::size_t name = place + sizeof both;
    place = name + both[0] + both[1];
    return {all.substr(name, both[0]), all.substr(name + both[0], both[1])};
}

void peer_facts::set(std::string_view name, std::string_view value) {
    WEIR_CHECK(name.size() <= UINT32_MAX && value.size() <= UINT32_MAX, "a fact of 4 GiB or more");
    const sizes both{static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())};
    std::string added;  // name and value may be views of this object
    added.reserve(sizeof both + name.size() + value.size());
    added.append(reinterpret_cast<const char*>(both.data()), sizeof both).append(name).append(value);
    packed_.reserve(packed_.size() + added.size());
    for (std::size_t place = 0; place < packed_.size();) {
        const std::size_t begin = place;
        if (next(place).name != name) continue;
        packed_.erase(begin, place - begin);
        break;
    }
    packed_ += added;
}

void peer_facts::reserve(std::size_t more_bytes) { packed_.reserve(packed_.size() + more_bytes); }

std::optional<std::string_view> peer_facts::find(std::string_view name) const noexcept {
    for (std::size_t place = 0; place < packed_.size();) {
        const fact one = next(place);
        if (one.name == name) return one.value;
    }
    return {};
}

std::vector<peer_facts::fact> peer_facts::all() const {
    std::vector<fact> each;
    for (std::size_t place = 0; place < packed_.size();) each.push_back(next(place));
    return each;
}

}  // namespace weir
