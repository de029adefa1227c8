// The bound addresses and their owners. `[::]` covers every IPv4 address, too, as in Linux without IPV6_V6ONLY.
// Private.
#pragma once

#include <algorithm>
#include <vector>

#include "weir/base/address.h"

namespace weir::sim::internal {

// Returns true when a socket bound to `bound` receives what is sent to `wanted`.
inline bool covers(const address& bound, const address& wanted) noexcept {
    if (bound == wanted) return true;
    if (!bound.is_any() || !wanted.is_ip() || bound.port() != wanted.port()) return false;
    return bound.family() == address_family::ipv6 || wanted.family() == address_family::ipv4;
}

// Thread safety: one thread.
template <class Owner>
class bindings {
public:
    // Returns whether `here` can be bound in addition to the existing bindings. Two bindings may have the same address
    // only if both are shared.
    bool is_free(const address& here, bool shared) const {
        return std::none_of(all_.begin(), all_.end(), [&](const binding& one) {
            return (covers(one.here, here) || covers(here, one.here)) && !(shared && one.shared && one.here == here);
        });
    }
    void add(const address& here, Owner owner, bool shared) { all_.push_back({here, std::move(owner), shared}); }
    void remove(const Owner& owner) {
        std::erase_if(all_, [&](const binding& one) { return one.owner == owner; });
    }
    // Returns the owners of the most specific binding that covers `wanted`, in the order in which they were bound.
    std::vector<Owner> find(const address& wanted) const {
        const binding* nearest = nullptr;
        for (const auto& one : all_) {
            if (!covers(one.here, wanted)) continue;
            if (nearest == nullptr || covers(nearest->here, one.here)) nearest = &one;
        }
        std::vector<Owner> found;
        for (const auto& one : all_)
            if (nearest != nullptr && one.here == nearest->here) found.push_back(one.owner);
        return found;
    }

private:
    struct binding {
        address here;
        Owner owner;
        bool shared;
    };

    std::vector<binding> all_;
};

}  // namespace weir::sim::internal
