// Runs a server as a whole program.
//
//     int main() { return weir::serve("127.0.0.1:9000", weir::framing::lines(), echo); }
#pragma once

#include <concepts>
#include <functional>
#include <string_view>

#include "weir/service/internal/bind_handler.h"
#include "weir/service/server.h"

namespace [[gnu::visibility("default")]] weir {

// The options of serve(). Thread safety: a value.
class serve_options : public server_options {
public:
    serve_options() = default;

    // The number of loops, each on a thread of its own. At most `limits.connections` loops are used. They share the
    // connections of one listening socket evenly. The limits of connections and bytes hold for all loops together, see
    // divide_among_loops(). The log is called on all threads.
    unsigned threads = 1;
    // The backend of the loops. serve() fails if the kernel refuses a backend that is named here; `automatic` uses
    // epoll where io_uring is refused.
    backend_kind backend = backend_kind::automatic;
    // Called on the main thread's loop at each SIGHUP, for example to reload certificates or a configuration. If it is
    // empty, SIGHUP has its default action, which ends the process.
    std::function<void()> on_hang_up;
};

namespace internal {
// The part of serve() that is not a template. Calls `make` once for each loop.
int serve_handlers(std::string_view here, framing described, const serve_options& how,
                   const std::function<handler()>& make, bool one_thread_only);
}  // namespace internal

// Listens, and serves each connection with `handles(channel, arguments...)` until SIGINT or SIGTERM; then it drains. A
// second signal aborts the drain. Raises the limit of descriptors to the hard limit, see allow_most_descriptors().
// Returns the exit code of the program: 0 after a signal, 1 when it cannot open a loop or listen, 2 for invalid
// arguments. Prints the error before it returns 1 or 2. With more than one thread an argument must be a value,
// per_loop(factory) or shared(x); a reference or a pointer is refused. Thread safety: the program's main thread.
template <class Function, class... Arguments>
int serve(std::string_view here, framing described, serve_options how, Function handles, Arguments... arguments) {
    return internal::serve_handlers(
        here, std::move(described), how, [&] { return internal::bind_handler(handles, arguments...); },
        internal::binds_to_one_thread<Arguments...>);
}
template <class Function, class... Arguments>
    requires(!std::convertible_to<Function, serve_options>)
int serve(std::string_view here, framing described, Function handles, Arguments... arguments) {
    return serve(here, std::move(described), serve_options(), handles, std::move(arguments)...);
}
// Does the same, and first passes each connection through the wrappers, such as a tls::server.
template <class Function, class... Arguments>
    requires(!std::convertible_to<Function, serve_options>)
int serve(std::string_view here, wrappers through, framing described, Function handles, Arguments... arguments) {
    serve_options how;
    how.wrappers = std::move(through);
    return serve(here, std::move(described), std::move(how), handles, std::move(arguments)...);
}

}  // namespace weir
