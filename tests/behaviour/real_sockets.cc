#include "tests/behaviour/real_sockets.h"

#include <unistd.h>

#include "weir/socket/clock.h"

namespace behaviour {

handle real_sockets::put(weir::socket made) {
    sockets_.push_back(std::move(made));
    return static_cast<handle>(sockets_.size()) - 1;
}

handle real_sockets::open() {
    auto made = weir::socket::open(family_, weir::socket::stream);
    if (!made) throw std::runtime_error(made.error().message());
    return put(std::move(*made));
}

weir::result<accepted_handle> real_sockets::accept(handle of, weir::deadline until) {
    auto accepted = at(of).accept(until);
    if (!accepted) return accepted.error();
    return accepted_handle{put(std::move(accepted->connection)), accepted->peer};
}

weir::result<void> real_sockets::abort(handle of) {
    if (const auto set = at(of).set(weir::option::linger, weir::duration::zero()); !set) return set.error();
    return at(of).close();
}

weir::address real_sockets::fresh_address() {
    if (family_ == weir::socket::ipv4) return weir::address::loopback_ipv4(0);
    if (family_ == weir::socket::ipv6) return weir::address::loopback_ipv6(0);
    static int count = 0;  // all processes share the abstract names
    return *weir::address::local_abstract("weir-behaviour-" + std::to_string(::getpid()) + "-" +
                                          std::to_string(++count));
}

weir::deadline real_sockets::soon() { return weir::within(std::chrono::milliseconds(20)); }

}  // namespace behaviour
