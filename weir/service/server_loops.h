// A server on several loops, each on its own thread, for use inside a program. serve() uses this class. The first loop
// accepts all connections and distributes them evenly among the loops. So a handler that blocks the first loop delays
// new clients of all loops.
//
//     std::vector<weir::server_options> loops(4, how);
//     auto opened = weir::server_loops::listen("127.0.0.1:9000", weir::framing::lines(), loops);
//     if (!opened) co_return opened.error();
//     co_await opened->run(echo);                       // until stop(), or a cancel
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/service/handler.h"
#include "weir/service/internal/bind_handler.h"
#include "weir/service/server.h"
#include "weir/service/server_stats.h"

namespace [[gnu::visibility("default")]] weir {

// A server on several loops. Thread safety: the thread of the loop that it was made on, except for stop() and stats().
class server_loops {
public:
    // Listens at `here`, and starts the threads and loops. `loops` contains the options of each loop, and must not be
    // empty. The first loop is the running one, and its listen options apply. The others use the same backend, or epoll
    // where io_uring is refused; they begin to serve in run(). The limits hold for each loop; divide_among_loops()
    // makes them from limits for the whole server. The connections of a source are counted over all loops. Each log is
    // called on the thread of its loop. Errors: those of server::listen(), and those of a loop that cannot start for
    // lack of descriptors, memory or a thread ("start loop 3 of 4"). After an error no loop listens.
    static result<server_loops> listen(std::string_view here, framing described, std::vector<server_options> loops);
    // Does the same for an existing listening socket, see server::on().
    static result<server_loops> on(socket listening, framing described, std::vector<server_options> loops);

    // The object must not be moved while run() is running.
    server_loops(server_loops&&) noexcept;
    server_loops& operator=(server_loops&&) noexcept;
    ~server_loops();

    // Serves until stop() or a cancel. Each loop ends as server::run() does; this call returns when all loops have
    // ended. Call it once. An argument must be a value, shared(x) or per_loop(factory). When a factory throws on any
    // loop, the other loops are aborted and the exception is rethrown to the waiting task.
    template <class Function, class... Arguments>
    [[nodiscard]] task<> run(Function function, Arguments... arguments) {
        static_assert(
            !internal::binds_to_one_thread<Arguments...>,
            "several threads would use a plain reference or pointer at once: pass weir::shared(x) if x is safe to "
            "share, or weir::per_loop(factory) to make an object for each loop");
        return serve_with([=] { return internal::bind_handler(function, arguments...); });
    }
    // Does the same with handlers that `make` returns. `make` is called once on each loop's thread.
    task<> serve_with(std::function<handler()> make);

    // Ends run(): the first call begins the drain, the second one aborts all connections. Call it from any thread,
    // while this object exists.
    void stop();

    // Returns the address, with the port that the kernel chose.
    address local_address() const;
    // Returns the sum over all loops, see server::stats(). Thread safety: any thread, while this object exists and is
    // not moved.
    server_stats stats() const;

private:
    class core;
    explicit server_loops(std::shared_ptr<core> made);
    static result<server_loops> open(result<server> first, std::vector<server_options> loops);

    std::shared_ptr<core> core_;
};

}  // namespace weir
