#include "weir/stream/internal/unread_first.h"

#include <utility>

#include "weir/loop/loop.h"
#include "weir/socket/kernel_view.h"

namespace weir::internal {

std::optional<arrival> unread_first::receive() {
    if (unread_.empty()) return go_on().receive();
    arrival came{{}, loop::current().memory().lend_a_copy(unread_.view())};
    unread_ = buffer();
    return came;
}

result<socket> unread_first::take_apart(buffer& unread) {
    buffer all;
    all.append(unread.view());
    all.append(unread_.view());
    auto given = below_->take_apart(all);
    if (!given) return given;
    static_cast<void>(below_.release());  // it is destroyed
    unread.swap(all);
    delete this;
    return given;
}

void unread_first::close(bool reset) noexcept {
    below_.release()->close(reset);
    delete this;
}

result<kernel_view> unread_first::ask_kernel() const { return below_->ask_kernel(); }

}  // namespace weir::internal
