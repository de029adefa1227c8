// What a stream answers that no kernel holds: one of a simulated network, a pair in memory.
#pragma once

#include "weir/base/result.h"
#include "weir/socket/kernel_view.h"

namespace weir {

inline result<kernel_view> no_kernel() {
    return error(errc::unsupported, "ask_kernel", {}, "no kernel holds this stream");
}

}  // namespace weir
