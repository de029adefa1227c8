#include "weir/stream/channel.h"

namespace weir {

result<kernel_view> channel::ask_kernel() const {
    byte_stream* const below = core().below();
    if (below == nullptr) return error(errc::cancelled, "ask the kernel", peer().to_string());
    return below->ask_kernel();
}

}  // namespace weir
