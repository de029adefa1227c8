// The result of ask_kernel() for a stream that is not in the kernel: one of a simulated network, or of a pair in
// memory.
#pragma once

#include "weir/base/result.h"
#include "weir/socket/kernel_view.h"

namespace weir::internal {

inline result<kernel_view> no_kernel() {
    return error(errc::unsupported, "ask_kernel", {}, "no kernel holds this stream");
}

}  // namespace weir::internal
