#include "weir/service/limits.h"

#include "weir/loop/memory_allowed.h"

namespace weir {

limits::limits() : held_bytes_of_a_loop(byte_budget::default_limit_bytes()), kernel_buffer_bytes(memory_allowed() / 4) {
    connection.first_message = std::chrono::seconds(10);
    connection.whole_message = std::chrono::seconds(30);
    connection.idle = std::chrono::minutes(5);
}

std::string_view limits::problem() const noexcept {
    if (const auto of_one = connection.problem(); !of_one.empty()) return of_one;
    if (connections == std::size_t{0}) return "connections is 0, so that none could be accepted; none is no limit";
    if (connections_of_a_source == std::size_t{0})
        return "connections_of_a_source is 0, so that all would be refused; none is no limit";
    if (held_bytes_of_a_loop == std::size_t{0})
        return "held_bytes_of_a_loop is 0, so that nothing could be received; none is no limit";
    if (drain && *drain < duration::zero()) return "drain is less than 0";
    return {};
}

}  // namespace weir
