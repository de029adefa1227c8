#include "weir/stream/internal/wrap_all.h"

#include <string>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/when.h"
#include "weir/loop/loop.h"

namespace weir::internal {
task<result<owned_stream>> wrap_all(owned_stream& below, const wrappers& through, peer_facts& peer) {
    owned_stream made = std::move(below);
    const std::string subject = made->peer_address().to_string();
    for (const auto& one : through) {
        const auto most = one->handshake_time();
        const deadline until = most ? deadline(later(loop::current().now(), *most)) : deadline::never();
        task<result<owned_stream>> wrapping = one->wrap(std::move(made), peer);
        auto wrapped = co_await with_deadline(std::move(wrapping), until);
        if (!wrapped) co_return wrapped.error().during(std::string(one->name()) + " handshake", subject);
        made = std::move(*wrapped);
        WEIR_CHECK(made != nullptr, "a wrapper returned no stream");
    }
    co_return made;
}

wrapped_framing framing_behind(const wrappers& through, framing asked) {
    bool is_fixed = false;
    for (const auto& one : through) {
        auto fixed = one->fixed_framing(asked);
        is_fixed = fixed.has_value();
        if (fixed) asked = std::move(*fixed);
    }
    return {std::move(asked), is_fixed};
}

}  // namespace weir::internal
