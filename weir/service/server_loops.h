// A server on several loops, each on a thread of its own; as a library. serve() is made of it. The first loop accepts,
// and all of them are given as many connections: a handler that blocks the first loop keeps new clients from all of
// them.
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
#include "weir/framing/framing.h"
#include "weir/loop/task.h"
#include "weir/service/handler.h"
#include "weir/service/server.h"
#include "weir/service/server_stats.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: the thread of the loop that it was made on, but for stop().
class server_loops {
public:
    // The options of each loop, one at least: limits hold for each loop (divide_among_loops() makes them of limits for
    // the whole server), except that the connections of a source are counted over all loops. A log is called on the
    // loop's thread, and how to listen is the first one's. The first loop is the one that runs now; the others have
    // their threads, loops and listeners when this returns, on the same backend (or on epoll, where io_uring is refused
    // to them), and begin to serve in run(). Errors: those of server::listen(), and of a loop that lacks descriptors,
    // memory or a thread ("start loop 3 of 4"); nothing listens then.
    static result<server_loops> listen(std::string_view here, framing described, std::vector<server_options> loops);

    server_loops(server_loops&&) noexcept;
    server_loops& operator=(server_loops&&) noexcept;
    ~server_loops();

    // Serves until stop() or a cancel; once. It ends when all loops have ended, each as server::run() does. An argument
    // is a value, shared(x) or per_loop(factory). What a factory throws, on whichever loop, ends the others at once and
    // is thrown to who awaits this.
    template <class Function, class... Arguments>
    [[nodiscard]] task<> run(Function function, Arguments... arguments) {
        static_assert(
            !binds_to_one_thread<Arguments...>,
            "a plain reference or pointer would be used by several threads at once: weir::shared(x) says so by "
            "that word, weir::per_loop(factory) makes one for each");
        return serve_with([=] { return bind_handler(function, arguments...); });
    }
    // `make` is called on each loop's thread.
    task<> serve_with(std::function<handler()> make);

    // Ends run(): the first call drains, the second one cuts. From any thread, while this lives.
    void stop();

    // With the port that was chosen.
    address local_address() const;
    // All loops together; when run() has ended.
    server_stats stats() const;

private:
    class core;
    explicit server_loops(std::shared_ptr<core> made);

    std::shared_ptr<core> core_;
};

}  // namespace weir
