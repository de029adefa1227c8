#include "weir/service/connect.h"

#include <memory>
#include <string_view>
#include <vector>

#include "weir/coroutine/offload.h"
#include "weir/coroutine/when.h"
#include "weir/service/internal/connect_awaiter.h"
#include "weir/stream/adopt.h"
#include "weir/stream/internal/channel/channel_pool.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir {
namespace {

task<result<std::vector<address>>> look_up_name(std::string name) {
    // getaddrinfo(3) cannot be cancelled, so the end of the loop does not wait for a look-up that is still running.
    auto work = loop::current().backend().look_up(std::move(name));
    auto found = co_await offload(std::move(work), at_loop_end::leave_behind);
    if (!found) co_return found.error();
    co_return std::move(*found);
}

// Resolves a name on a helper thread; a numeric address needs no look-up.
task<result<std::vector<address>>> look_up(std::string where, deadline until) {
    if (auto literal = address::parse(where)) co_return std::vector<address>{std::move(*literal)};
    task<result<std::vector<address>>> looking_up = look_up_name(where);
    auto found = co_await with_deadline(std::move(looking_up), until);
    // The errors of resolve() already contain this text; the errors timed_out and cancelled do not.
    if (!found && found.error().operation() != "resolve") co_return found.error().during("connect", where);
    co_return found;
}

// Returns the host in a text such as "example.org:443" or "[::1]:443"; for a Unix socket the result is empty.
std::string_view host_in(std::string_view where) {
    if (where.starts_with("unix:")) return {};
    std::string_view host = where.substr(0, where.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host.substr(0, host.find('%'));  // without the interface of a link-local address
}

error count_failed(error why) {
    ++loop::current().part<internal::channel_pool>().clients()->not_connected;
    return why;
}

}  // namespace

task<result<owned_stream>> connect_stream(std::string where, deadline until) {
    auto peers = co_await look_up(where, until);
    if (!peers) co_return count_failed(peers.error());
    // NOLINTNEXTLINE(misc-const-correctness): awaiting changes it
    internal::connect_awaiter race(where, std::move(*peers), until);
    auto made = co_await race;
    if (!made) co_return count_failed(made.error());
    co_return made;
}

task<result<channel>> connect(std::string where, framing described, channel_limits limits, deadline until) {
    auto connected = co_await connect_stream(std::move(where), until);
    if (!connected) co_return connected.error();
    co_return adopt_stream(std::move(*connected), std::move(described), limits);
}

task<result<channel>> connect(std::string where, wrappers through, framing described, channel_limits limits,
                              deadline until) {
    auto facts = std::make_unique<peer_facts>();
    if (const std::string_view host = host_in(where); !host.empty()) facts->set("host", std::string(host));
    auto connected = co_await connect_stream(std::move(where), until);
    if (!connected) co_return connected.error();
    task<result<channel>> wrapping = internal::adopt_wrapped(std::move(*connected), std::move(through),
                                                             std::move(described), limits, until, std::move(facts));
    auto wrapped = co_await std::move(wrapping);
    if (!wrapped) co_return count_failed(wrapped.error());
    co_return wrapped;
}

}  // namespace weir
