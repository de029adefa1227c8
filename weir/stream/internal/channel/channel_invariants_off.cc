#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

void channel_core::check_invariants() const {}

}  // namespace weir::internal
