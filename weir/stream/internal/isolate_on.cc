#include "weir/stream/internal/isolate.h"

namespace weir::internal {

bytes_view isolate(bytes_view message, std::unique_ptr<std::byte[]>& keeper) {
    keeper = std::make_unique<std::byte[]>(message.size());
    if (!message.empty()) std::memcpy(keeper.get(), message.data(), message.size());
    return {keeper.get(), message.size()};
}

}  // namespace weir::internal
