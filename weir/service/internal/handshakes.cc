#include "weir/service/internal/handshakes.h"

#include <utility>

#include "weir/loop/loop.h"
#include "weir/stream/internal/handshake_line.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir::internal {

handshakes::handshakes(user& of, const wrappers& through, std::optional<std::size_t> most,
                       connection_counters& counters)
    : user_(of), through_(through), most_(most), counters_(counters), line_(std::make_unique<handshake_line>()) {}

handshakes::~handshakes() = default;

void handshakes::begin(owned_stream& below, const address& connected_to) {
    auto made = std::make_unique<connection>(*this, connected_to);
    made->wraps.emplace(wrap_all(made->below, through_, *made->facts, counters_, line_.get()));
    made->place = all_.size();
    all_.push_back(std::move(made));
    all_.back()->below = std::move(below);
    connection& begun = *all_.back();
    if (most_ && all_.size() > *most_) {
        counters_.hit(limit_kind::handshakes);
        line_->drop_first();  // it ends in a later turn
    }
    begun.child.begin(*begun.wraps, loop::current(), &begun);
}

void handshakes::cancel_all() noexcept {
    for (const auto& each : all_) each->child.cancel();
}

std::unique_ptr<handshakes::connection> handshakes::take_out(connection& which) noexcept {
    const std::size_t place = which.place;
    std::swap(all_[place], all_.back());
    all_[place]->place = place;
    std::unique_ptr<connection> taken = std::move(all_.back());
    all_.pop_back();
    return taken;
}

void handshakes::end(connection& which) noexcept {
    const std::unique_ptr<connection> ended = take_out(which);
    auto made = take_wrapped(ended->wraps);
    if (!made) return user_.on_handshake_failed(ended->connected_to, made.error());
    user_.on_wrapped(std::move(*made), ended->connected_to, std::move(ended->facts));
}

}  // namespace weir::internal
