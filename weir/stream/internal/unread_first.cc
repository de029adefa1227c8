#include "weir/stream/internal/unread_first.h"

#include "weir/loop/loop.h"

namespace weir::internal {

std::optional<arrival> unread_first::receive() {
    if (unread_.empty()) return stream_layer::receive();
    arrival came{{}, loop::current().memory().lend_a_copy(unread_.view())};
    unread_ = buffer();
    return came;
}

result<socket> unread_first::take_apart(buffer& unread) {
    buffer all;
    all.append(unread.view());
    all.append(unread_.view());
    auto given = stream_layer::take_apart(all);
    if (given) unread.swap(all);  // uses no member, because this object is destroyed
    return given;
}

}  // namespace weir::internal
