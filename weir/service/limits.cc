#include "weir/service/limits.h"

#include "weir/loop/memory_allowed.h"

namespace weir {

limits::limits() : held_bytes_of_a_loop(byte_budget::default_limit_bytes()), kernel_buffer_bytes(memory_allowed() / 4) {
    connection.first_message = std::chrono::seconds(10);
    connection.whole_message = std::chrono::seconds(30);
    connection.idle = std::chrono::minutes(5);
}

}  // namespace weir
