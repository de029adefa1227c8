// What ask_kernel() of a stream returns that no kernel holds: of a simulated network, of a pair in memory.
#pragma once

#include "weir/base/result.h"
#include "weir/socket/kernel_view.h"

namespace weir::internal {

inline result<kernel_view> no_kernel() {
    return error(errc::unsupported, "ask_kernel", {}, "no kernel holds this stream");
}

}  // namespace weir::internal
