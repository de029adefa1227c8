#include "weir/stream/channel_core.h"

namespace weir {

void channel_core::check_invariants() const {}

}  // namespace weir
