#include "weir/coroutine/loop_thread.h"

#include <memory>
#include <new>
#include <optional>
#include <system_error>

#include "weir/kernel/open_backend.h"
#include "weir/loop/internal/one_shot_value.h"

namespace weir {
namespace {

result<void> open_into(std::optional<loop>& place, backend_kind kind) {
    try {
        auto platform = open_backend(kind);
        if (!platform) return platform.error();
        place.emplace(std::move(*platform));
        return {};
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, "open a loop");
    }
}

}  // namespace

result<loop_thread> loop_thread::start(std::function<void(loop&)> body, backend_kind which) {
    const backend_kind kind = which == backend_kind::epoll ? which : backend_kind::automatic;
    try {
        const auto opened = std::make_shared<internal::one_shot_value<result<void>>>();
        std::thread running([work = std::move(body), kind, opened] {
            std::optional<loop> mine;
            opened->give(open_into(mine, kind));
            if (mine) work(*mine);
        });
        loop_thread made(std::move(running));
        if (auto done = opened->take(); !done) return done.error();
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
