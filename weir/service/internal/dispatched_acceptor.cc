#include "weir/service/internal/dispatched_acceptor.h"

#include <utility>

namespace weir::internal {

dispatched_acceptor::dispatched_acceptor(std::shared_ptr<accept_dispatcher> from, std::optional<std::size_t> most,
                                         address here)
    : here_(loop::current()), from_(std::move(from)), here_address_(std::move(here)),
      target_(from_->join(here_, most, [this] { woken(); })) {}

std::optional<accepted_connection> dispatched_acceptor::accept() {
    auto next = from_->take(*target_);
    if (!next) {
        is_accepting_ = true;
        return {};
    }
    auto made = here_.backend().adopt(std::move(next->connection));
    if (made) return accepted_connection{{}, std::move(*made), std::move(next->peer)};
    from_->ended(*target_);
    return accepted_connection{outcome::of(made.error()), {}, {}};
}

void dispatched_acceptor::woken() {
    if (!std::exchange(is_accepting_, false)) return;
    if (auto one = accept()) current_user().on_accepted(std::move(*one));
}

void dispatched_acceptor::close() noexcept {
    from_->leave(*target_);
    delete this;
}

}  // namespace weir::internal
