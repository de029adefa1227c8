#include "weir/kernel/socketless_backend.h"

#include <ctime>

#include "weir/kernel/common/kernel_random.h"
#include "weir/socket/clock.h"
#include "weir/socket/internal/wait.h"
#include "weir/socket/names/resolve.h"

namespace weir::internal {

socketless_backend::socketless_backend(error why) : why_(std::move(why)), signals_(*this) {
    static_cast<void>(::sem_init(&awake_, 0, 0));  // cannot fail with the value 0
}

socketless_backend::~socketless_backend() { static_cast<void>(::sem_destroy(&awake_)); }

time_point socketless_backend::now() { return weir::now(); }

std::uint64_t socketless_backend::random() { return kernel_random(); }

bool socketless_backend::wait(deadline until) {
    if (until.is_never()) {
        static_cast<void>(::sem_wait(&awake_));
    } else {
        const time_point before = weir::now();
        const timespec left = internal::time_left(until, before);
        timespec end{};
        ::clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_sec += left.tv_sec;
        end.tv_nsec += left.tv_nsec;
        constexpr long second_ns = 1'000'000'000;
        if (end.tv_nsec >= second_ns) {
            end.tv_nsec -= second_ns;
            ++end.tv_sec;
        }
        static_cast<void>(::sem_clockwait(&awake_, CLOCK_MONOTONIC, &end));
    }
    while (::sem_trywait(&awake_) == 0) {  // several calls of wake() end one wait
    }
    signals_.deliver();
    return true;
}

void socketless_backend::wake() noexcept { static_cast<void>(::sem_post(&awake_)); }

result<owned_acceptor> socketless_backend::listen(std::string_view here, listen_options) {
    return why_.during("listen", std::string(here));
}

result<owned_acceptor> socketless_backend::adopt_listener(socket) { return why_.during("listen", {}); }

result<owned_stream> socketless_backend::adopt(socket) { return why_.during("adopt", {}); }

result<std::unique_ptr<connect_attempt>> socketless_backend::connect(const address& peer, connect_attempt::user&) {
    return why_.during("connect", peer.to_string());
}

result<owned_port> socketless_backend::open_port(const address& here, const address& peer) {
    return why_.during("open", (here.family() != address_family::none ? here : peer).to_string());
}

std::function<result<std::vector<address>>()> socketless_backend::look_up(std::string text) {
    return [name = std::move(text)] { return resolve(name); };
}

result<std::unique_ptr<signal_watch>> socketless_backend::watch(signal which, std::function<void()> on_signal) {
    return signals_.watch(which, std::move(on_signal));
}

}  // namespace weir::internal
