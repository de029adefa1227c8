// A server as a program.
//
//     int main() { return weir::serve("127.0.0.1:9000", weir::framing::lines(), echo); }
#pragma once

#include <concepts>
#include <functional>
#include <string_view>

#include "weir/service/internal/bind_handler.h"
#include "weir/service/server.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: a value.
class serve_options : public server_options {
public:
    serve_options() = default;

    // The number of loops, each on a thread of its own, which share the connections of one listening socket evenly;
    // never more than `limits.connections`. The limits of connections and bytes hold for all loops together, see
    // divide_among_loops(). The log is called on all threads.
    unsigned threads = 1;
    // The backend of the loops. One that is named and refused is an error; `automatic` never is.
    backend_kind backend = backend_kind::automatic;
};

namespace internal {
// The part of serve() that is no template. Calls `make` once for each loop.
int serve_handlers(std::string_view here, framing described, const serve_options& how,
                   const std::function<handler()>& make, bool one_thread_only);
}  // namespace internal

// Listens, serves each connection with `handles(channel, arguments...)`, and returns the exit code of the program: 0
// after SIGINT or SIGTERM and a drain (a second signal aborts the drain), 1 when it cannot listen, 2 for invalid
// arguments. It prints the error itself. It raises the limit of descriptors to the hard limit,
// allow_most_descriptors(). With more than one thread an argument is a value, per_loop(factory) or shared(x); a
// reference or pointer is refused. Thread safety: the program's main thread.
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

}  // namespace weir
