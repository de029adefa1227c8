#include "weir/stream/internal/wrap_all.h"

#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/when.h"
#include "weir/loop/loop.h"
#include "weir/socket/internal/check_use.h"
#include "weir/socket/option.h"
#include "weir/stream/internal/channel/channel_pool.h"
#include "weir/stream/internal/handshake_line.h"

namespace weir::internal {
namespace {

task<result<owned_stream>> wrap_in_one(const wrapper& one, owned_stream below, peer_facts& peer, handshake_line* line) {
    try {
        const handshake_announcements::announced announced(line, below.get());
        task<result<owned_stream>> wrapping = one.wrap(std::move(below), peer);
        auto wrapped = co_await std::move(wrapping);
        WEIR_CHECK(!wrapped || *wrapped != nullptr, "a wrapper returned no stream");
        co_return wrapped;
    } catch (const std::bad_alloc&) {
        co_return error(errc::no_memory, {}, {}, {}, ENOMEM);
    } catch (const std::exception& thrown) {
        co_return error(errc::invalid, {}, {}, std::string("an exception: ") + thrown.what());
    } catch (...) {
        co_return error(errc::invalid, {}, {}, "an exception that is not a std::exception");
    }
}

}  // namespace

task<result<owned_stream>> wrap_all(owned_stream& below, const wrappers& through, peer_facts& peer,
                                    connection_counters& counted_in, handshake_line* line) {
    owned_stream made = std::move(below);
    const std::string subject = made->peer_address().to_string();
    for (const auto& one : through) {
        const auto most = one->handshake_time();
        const deadline until = most ? deadline(later(loop::current().now(), *most)) : deadline::never();
        task<result<owned_stream>> wrapping = wrap_in_one(*one, std::move(made), peer, line);
        auto wrapped = co_await with_deadline(std::move(wrapping), until);
        if (!wrapped) {
            if (wrapped == errc::timed_out && until.passed(loop::current().now()))
                counted_in.hit(limit_kind::handshake);
            co_return wrapped.error().during(std::string(one->name()) + " handshake with", subject);
        }
        made = std::move(*wrapped);
    }
    co_return made;
}

task<result<owned_stream>> wrap_client(owned_stream below, const wrappers& through, peer_facts& facts,
                                       const address& peer, deadline until) {
    task<result<owned_stream>> wrapping =
        wrap_all(below, through, facts, *loop::current().part<channel_pool>().clients());
    auto wrapped = co_await with_deadline(std::move(wrapping), until);
    if (!wrapped && wrapped.error().operation().empty())
        co_return wrapped.error().during("handshake with", peer.to_string());
    co_return wrapped;
}

result<owned_stream> stream_of(socket connected) try {
    if (auto right = check_connected(connected); !right) return right.error();
    if (auto set = connected.set_blocking(false); !set) return set.error();
    if (connected.family() != address_family::local) static_cast<void>(connected.set(option::no_delay, true));
    auto made = loop::current().backend().adopt(std::move(connected));
    if (!made) return made.error().during("adopt", {});
    return made;
} catch (const std::bad_alloc&) {
    return error(errc::no_memory, "adopt");
}

result<owned_stream> take_wrapped(std::optional<task<result<owned_stream>>>& ended) noexcept {
    result<owned_stream> made = error(errc::no_memory);
    try {
        if (ended) made = ended->take();
    } catch (...) {  // std::bad_alloc: wrap_all() catches what wrappers throw
        made = error(errc::no_memory);
    }
    ended.reset();
    return made;
}

wrapped_framing framing_behind(const wrappers& through, framing requested) {
    bool is_fixed = false;
    for (const auto& one : through) {
        WEIR_CHECK(one != nullptr, "wrappers: one of them is null");
        auto fixed = one->fixed_framing(requested);
        if (!fixed) continue;
        requested = std::move(*fixed);
        is_fixed = true;
    }
    return {std::move(requested), is_fixed};
}

}  // namespace weir::internal
