#include "weir/loop/loop_memory.h"

#include <cstring>

namespace weir {

lent_bytes loop_memory::lend_a_copy(bytes_view bytes) {
    lent_bytes given = lend(bytes.size());
    if (!bytes.empty()) std::memcpy(given.data(), bytes.data(), bytes.size());
    given.resize(bytes.size());
    return given;
}

}  // namespace weir
