#include "weir/socket/listen_on.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <optional>
#include <string>

#include "weir/base/text.h"
#include "weir/socket/clock.h"
#include "weir/socket/internal/advice.h"
#include "weir/socket/internal/check_use.h"
#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/path_lock.h"
#include "weir/socket/internal/socket_holders.h"
#include "weir/socket/internal/system_error.h"
#include "weir/socket/names/resolve.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

// If a process used io_uring and was killed, its sockets exist a little longer: a kernel worker may release them after
// wait(2) in the parent has returned (measured: 11 ms). An address counts as in use only if it is still in use after
// this time.
constexpr auto settling_time = 200ms;

// Does what socket::bind() and socket::listen() do, but the text of an in_use error has no advice, because the caller
// tries again.
result<void> bind_and_listen(const socket& made, const address& here, int backlog) {
    const auto native = internal::native_address::of(here);
    if (!native) return native.error();
    if (::bind(made.fd(), native->data(), native->size) == 0 && ::listen(made.fd(), backlog) == 0) return {};
    if (errno == EADDRINUSE) return internal::error_of(errno, "listen");
    const int number = errno;
    return internal::error_of(number, "listen", {}, internal::advice_on_bind(number, made.fd(), here));
}

result<socket> open_and_listen(const address& here, bool every_interface, listen_options how) {
    auto made = socket::open(here.family(), socket::stream);
    if (!made) return made.error().during("listen", here.to_string());
    result<void> done;
    if (here.is_ip()) done = made->set(option::reuse_address, true);
    if (done && how.reuse_port) done = made->set(option::reuse_port, true);
    // Set explicitly, because the sysctl net.ipv6.bindv6only may have changed the default.
    if (done && every_interface && here.family() == address_family::ipv6) done = made->set(option::v6_only, false);
    if (done) done = bind_and_listen(*made, here, how.backlog);
    if (!done) return done.error().during("listen", here.to_string());
    return made;
}

error taken(const address& here, const std::string& why) {
    return internal::error_of(EADDRINUSE, "listen", here.to_string(), why);
}

result<socket> listen_once_settled(const address& here, bool every_interface, listen_options how) {
    const deadline until = within(settling_time);
    for (;;) {
        auto made = open_and_listen(here, every_interface, how);
        if (made || made.error().code() != errc::in_use) return made;
        if (until.passed(now())) return taken(here, internal::advice_on_taken(here, socket::stream, true));
        ::poll(nullptr, 0, 5);
    }
}

// Returns whether the peer ends the connection within settling_time.
bool hangs_up(const socket& connected) {
    pollfd ending{.fd = connected.fd(), .events = 0, .revents = 0};
    return ::poll(&ending, 1, static_cast<int>(settling_time.count())) == 1;
}

// Connects to a server, or returns errc::refused if none listens there. Without a lock it retries for settling_time,
// because a starting server also refuses between its bind(2) and its listen(2).
result<socket> call(const address& here, internal::path_lock::state lock) {
    const deadline until = within(lock == internal::path_lock::state::held ? duration::zero() : settling_time);
    for (;;) {
        auto probe = socket::open(socket::local, socket::stream);
        if (!probe) return probe.error().during("listen", here.to_string());
        const auto answered = probe->connect(here, within(0s));
        if (answered) return probe;
        if (answered.error().code() != errc::refused || until.passed(now())) return answered.error();
        ::poll(nullptr, 0, 5);
    }
}

// Removes the socket file of a dead server. Does not touch a file that may be something else. Returns a connection if a
// server answers.
result<std::optional<socket>> remove_stale(const address& here, const std::string& path,
                                           internal::path_lock::state lock) {
    struct stat before{};
    if (::lstat(path.c_str(), &before) != 0) {
        if (errno == ENOENT) return std::optional<socket>();
        return internal::error_of(errno, "listen", here.to_string());
    }
    if (!S_ISSOCK(before.st_mode)) return taken(here, "that file is not a socket: choose another path");
    auto answered = call(here, lock);
    if (answered) return std::optional(std::move(*answered));
    if (answered.error().operation() == "listen") return answered.error();
    if (answered.error().code() != errc::refused) return taken(here, "a program may be using that socket");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return internal::error_of(errno, "listen", here.to_string(), "a dead server's socket is in the way");
    }
    return std::optional<socket>();
}

error taken_by(const address& here, const socket& connected) {
    const auto server = connected.get(option::peer_credentials);
    const std::string process = server ? internal::process_text(server->process) : std::string();
    const std::string end = process == internal::this_program ? " already: close that socket" : ": stop it";
    return taken(here, (process.empty() ? "a server" : process) + " listens there" + end + ", or choose another path");
}

// A server that answers and closes at once may be exiting, so this function then tries once more.
result<socket> listen_on_path(const address& here, listen_options how) {
    const std::string path(here.local_name());
    for (bool is_second = false;; is_second = true) {
        std::optional<socket> server;
        {
            const internal::path_lock lock(path);  // held until the socket listens, because before that it looks dead
            auto made = open_and_listen(here, false, how);
            if (made || made.error().code() != errc::in_use) return made;
            if (lock.now() == internal::path_lock::state::busy)
                return taken(here, "another server is starting there: it holds " + quote(lock.name()));
            auto removed = remove_stale(here, path, lock.now());
            if (!removed) return removed.error();
            if (!*removed) return open_and_listen(here, false, how);
            server = std::move(*removed);
        }
        if (is_second || !hangs_up(*server)) return taken_by(here, *server);
    }
}

// Listens on the descriptor whose number follows `fd:`.
result<socket> listen_on_descriptor(std::string_view number, std::string_view text) {
    const auto fd = parse_unsigned(number);
    if (!fd || *fd > INT_MAX)
        return error(errc::malformed, "listen", std::string(text), "a descriptor must be a number");
    auto made = socket::from_fd(static_cast<int>(*fd));
    if (!made) return made.error().during("listen", std::string(text));
    if (auto listens = internal::check_listener(*made); !listens) {
        static_cast<void>(made->release());  // it may belong to other code
        return listens.error().during("listen", std::string(text));
    }
    return made;
}

}  // namespace

result<socket> listen_on(std::string_view text, listen_options how) {
    constexpr std::string_view descriptor_prefix = "fd:";
    if (text.starts_with(descriptor_prefix)) return listen_on_descriptor(text.substr(descriptor_prefix.size()), text);
    const auto found = resolve(text);
    if (!found) return found.error();
    for (const auto& here : *found) {
        auto made = here.is_path() ? listen_on_path(here, how) : listen_once_settled(here, text.starts_with("*:"), how);
        // Only an address that this machine does not have is skipped: an address that is in use must be reported.
        const bool next = !made && (made == errc::unsupported || made == errc::not_available);
        if (!next || &here == &found->back()) return made;
    }
    return error(errc::not_found, "listen", std::string(text));
}

}  // namespace weir
