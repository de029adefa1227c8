#include "weir/service/limits.h"

#include <algorithm>

namespace weir {

std::vector<limits> divide_among_loops(const limits& all, std::size_t loops) {
    if (all.connections) loops = std::min(loops, *all.connections);
    loops = std::max<std::size_t>(loops, 1);
    limits one = all;
    if (const auto most = all.connections_of_a_source.of(all.connections)) {
        one.connections_of_a_source = *most;
    } else {
        one.connections_of_a_source = std::nullopt;
    }
    std::vector<limits> shares(loops, one);
    if (!all.connections) return shares;
    for (std::size_t i = 0; i < loops; ++i) {
        shares[i].connections = *all.connections / loops + (i < *all.connections % loops ? 1 : 0);
    }
    return shares;
}

}  // namespace weir
