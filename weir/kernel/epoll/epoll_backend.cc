#include "weir/kernel/epoll/epoll_backend.h"

#include <algorithm>
#include <cerrno>
#include <new>

#include "weir/kernel/epoll/epoll_stream.h"

namespace weir::internal {

result<std::unique_ptr<epoll_backend>> epoll_backend::open() {
    auto opened = readiness_set::open();
    if (!opened) return opened.error();
    return std::unique_ptr<epoll_backend>(new epoll_backend(std::move(*opened)));
}

bool epoll_backend::wait(deadline until) {
    const bool is_all = readiness().wait(until, until.is_never() ? time_point() : now(), most_events_);
    const std::size_t came = take_read_bytes();
    if (came > most_read_bytes) {
        most_events_ = std::max(most_events_ / 2, std::size_t{1});
    } else if (!is_all && came < most_read_bytes / 2) {
        most_events_ = std::min(2 * most_events_, readiness_set::most_events);
    }
    take_wake();
    return is_all;
}

result<owned_stream> epoll_backend::adopt(socket connected) try {
    auto* const made = new epoll_stream(*this, std::move(connected));
    owned_stream owned(made);
    if (auto added = readiness().watch(made->fd(), *made); !added) return added.error();
    return owned;
} catch (const std::bad_alloc&) {
    return error(errc::no_memory, {}, {}, {}, ENOMEM);
}

}  // namespace weir::internal
