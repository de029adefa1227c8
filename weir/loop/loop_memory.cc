#include "weir/loop/loop_memory.h"

#include <cstring>

namespace weir {

borrowed_buffer loop_memory::lend_a_copy(bytes_view bytes) {
    borrowed_buffer given = lend(bytes.size());
    if (!bytes.empty()) std::memcpy(given.data(), bytes.data(), bytes.size());
    given.resize(bytes.size());
    return given;
}

}  // namespace weir
