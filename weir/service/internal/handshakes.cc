#include "weir/service/internal/handshakes.h"

#include <utility>

#include "weir/loop/loop.h"
#include "weir/stream/internal/handshake_line.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir::internal {

handshakes::~handshakes() = default;

void handshakes::begin(owned_stream& below, const address& connected_to) {
    auto& line = loop::current().part<handshake_line>();
    auto made = std::make_unique<one>(*this, connected_to);
    made->wraps.emplace(wrap_all(made->below, through_, *made->facts, counters_, &line));
    made->place = all_.size();
    all_.push_back(std::move(made));
    all_.back()->below = std::move(below);
    one& begun = *all_.back();
    const bool is_over_limit = most_ && all_.size() > *most_;
    begun.beside.begin(*begun.wraps, loop::current(), &begun);
    if (!is_over_limit) return;
    counters_.hit(limit_kind::handshakes);
    line.drop_first();
}

void handshakes::cancel_all() noexcept {
    for (const auto& each : all_) each->beside.cancel();
}

std::unique_ptr<handshakes::one> handshakes::take_out(one& which) noexcept {
    const std::size_t place = which.place;
    std::swap(all_[place], all_.back());
    all_[place]->place = place;
    std::unique_ptr<one> taken = std::move(all_.back());
    all_.pop_back();
    return taken;
}

void handshakes::end(one& which) noexcept {
    const std::unique_ptr<one> ended = take_out(which);
    auto made = take_wrapped(ended->wraps);
    if (!made) return user_.on_handshake_failed(ended->connected_to, made.error());
    user_.on_wrapped(std::move(*made), ended->connected_to, std::move(ended->facts));
}

}  // namespace weir::internal
