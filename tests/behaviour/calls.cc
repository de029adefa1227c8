#include "tests/behaviour/calls.h"

#include <array>

namespace behaviour {
namespace {

using weir::errc;

// The names of the codes, as in weir/base/error.h.
std::string word_for(errc code) {
    constexpr std::array words{
        "none",           "closed",        "truncated",   "reset",         "too_large",         "malformed",
        "timed_out",      "cancelled",     "broken_pipe", "refused",       "unreachable",       "in_use",
        "not_available",  "not_permitted", "not_found",   "not_connected", "already_connected", "would_block",
        "no_descriptors", "no_memory",     "unencodable", "invalid",       "evicted",           "over_limit",
        "untrusted",      "unsupported",   "system"};
    static_assert(words.size() == static_cast<std::size_t>(errc::system) + 1);
    return "`" + std::string(words.at(static_cast<std::size_t>(code))) + "`";
}

template <class T, class Show>
std::string said(const weir::result<T>& outcome, weir::deadline until, Show show) {
    if (outcome) return show(*outcome);
    if (outcome == errc::timed_out && !until.is_never()) return std::string(waits);
    return word_for(outcome.error().code());
}

std::string said(const weir::result<void>& outcome, weir::deadline until = {}) {
    if (outcome) return "ok";
    if (outcome == errc::timed_out && !until.is_never()) return std::string(waits);
    return word_for(outcome.error().code());
}

std::string count(std::size_t bytes) { return std::to_string(bytes) + " bytes"; }

std::string bind(network& on, const scene& at, weir::deadline) { return said(on.bind(at.own, on.fresh_address())); }

std::string listen(network& on, const scene& at, weir::deadline) { return said(on.listen(at.own, 8)); }

std::string accept(network& on, const scene& at, weir::deadline until) {
    return said(on.accept(at.own, until), until, [&](const accepted_handle& one) {
        return *on.peer_address(one.connection) == one.peer ? "a connection" : "a connection, and a wrong address";
    });
}

std::string connect(network& on, const scene& at, weir::deadline until) {
    weir::address here;
    listen_somewhere(on, 8, here);
    return said(on.connect(at.own, here, until), until);
}

std::string receive(network& on, const scene& at, weir::deadline until) {
    return said(on.receive(at.own, 100, until), until,
                [](const weir::bytes& data) { return data.empty() ? "the end" : count(data.size()); });
}

std::string send(network& on, const scene& at, weir::deadline until) {
    return said(on.send(at.own, "data", until), until, count);
}

template <weir::half which>
std::string shutdown(network& on, const scene& at, weir::deadline) {
    return said(on.shutdown(at.own, which));
}

std::string local_address(network& on, const scene& at, weir::deadline) {
    return said(on.local_address(at.own), {}, [&](const weir::address& here) {
        if (at.bound.family() != weir::address_family::none) return here == at.bound ? "as bound" : "another";
        return here.is_unnamed() || (here.is_any() && here.port() == 0) ? "none" : "the system's choice";
    });
}

std::string peer_address(network& on, const scene& at, weir::deadline) {
    return said(on.peer_address(at.own), {},
                [&](const weir::address& there) { return there == at.there ? "the peer's" : "another"; });
}

std::string pending_error(network& on, const scene& at, weir::deadline) {
    return said(on.pending_error(at.own), {}, [](const std::optional<weir::error>& pending) {
        return pending ? "pending: " + word_for(pending->code()) : "none";
    });
}

std::string set_blocking(network& on, const scene& at, weir::deadline) { return said(on.set_blocking(at.own, true)); }

std::string close(network& on, const scene& at, weir::deadline) { return said(on.close(at.own)); }

constexpr call all[] = {
    {"bind", false, bind},
    {"listen", false, listen},
    {"connect", true, connect},
    {"accept", true, accept},
    {"receive", true, receive},
    {"send", true, send},
    {"shutdown(send)", false, shutdown<weir::half::send>},
    {"shutdown(receive)", false, shutdown<weir::half::receive>},
    {"shutdown(both)", false, shutdown<weir::half::both>},
    {"local_address", false, local_address},
    {"peer_address", false, peer_address},
    {"get(option::error)", false, pending_error},
    {"set_blocking", false, set_blocking},
    {"close", false, close},
};

}  // namespace

std::span<const call> calls() { return all; }

}  // namespace behaviour
