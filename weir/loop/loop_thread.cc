#include "weir/loop/loop_thread.h"

#include <future>
#include <new>
#include <optional>
#include <system_error>

namespace weir {
namespace {

result<void> open_into(std::optional<loop>& place, backend_kind kind) {
    try {
        auto world = open_world(kind);
        if (!world) return world.error();
        place.emplace(std::move(*world));
        return {};
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, "open a loop");
    }
}

}  // namespace

result<loop_thread> loop_thread::start(std::function<void(loop&)> body, backend_kind which) {
    const backend_kind kind = which == backend_kind::epoll ? which : backend_kind::automatic;
    try {
        std::promise<result<void>> opening;
        auto opened = opening.get_future();
        std::thread running([work = std::move(body), kind, opening = std::move(opening)]() mutable {
            std::optional<loop> mine;
            opening.set_value(open_into(mine, kind));
            if (mine) work(*mine);
        });
        loop_thread made(std::move(running));
        if (auto done = opened.get(); !done) return done.error();
        return made;
    } catch (const std::system_error& refused) {
        return error(errc::system, "start a thread", {},
                     "no further thread is allowed: see RLIMIT_NPROC, and pids.max of the cgroup",
                     refused.code().value());
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, "start a thread");
    }
}

}  // namespace weir
