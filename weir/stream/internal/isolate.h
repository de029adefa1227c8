// Checked builds give each message a separate allocation, so that AddressSanitizer detects a view that is used too
// late. The build selects isolate_on.cc or isolate_off.cc.
#pragma once

#include <cstddef>
#include <memory>

#include "weir/base/bytes.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Returns the message itself, or a copy of it in `keeper`, whose former content is freed.
bytes_view isolate(bytes_view message, std::unique_ptr<std::byte[]>& keeper);

}  // namespace internal
}  // namespace weir
