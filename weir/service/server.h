// A server for use inside a program: it listens, passes each connection to a handler, enforces the limits and keeps
// counters. It handles no signals and prints nothing; serve() does both.
//
//     auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
//     if (!opened) co_return opened.error();
//     co_await opened->run(echo);                       // until stop(), or a cancel
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/loop/acceptor.h"
#include "weir/service/handler.h"
#include "weir/service/internal/bind_handler.h"
#include "weir/service/server_options.h"
#include "weir/service/server_stats.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {
class server_core;
}

// A server on one loop. Thread safety: its loop's thread alone.
class server {
public:
    // Listens at `here` on the running loop, see listen_on(). Clients can connect as soon as it returns; run() serves
    // them.
    static result<server> listen(std::string_view here, framing described, server_options how = {});
    // Makes a server for an existing listening socket, which was inherited, passed by another process, or made with
    // other options. Takes ownership of the socket and makes it non-blocking. Clients may already wait in the queue of
    // the socket. Two servers, on one loop or on two, may serve duplicates of one socket. Errors: invalid, if it is not
    // a listening stream socket.
    static result<server> on(socket listening, framing described, server_options how = {});
    // Does the same for an acceptor of the running loop's backend, or for one that the program implements.
    static server on(owned_acceptor listening, framing described, server_options how = {});

    // A server must not be moved while run() is running.
    server(server&&) noexcept;
    server& operator=(server&&) noexcept;
    ~server();  // must not be called while run() is running: a WEIR_CHECK fails

    // Serves until stop() or a cancel, and returns when all connections have ended. Call it once. After stop() the
    // address is free at once. Handshakes are cancelled, and run() waits until their tasks have ended. The connections
    // drain: handlers receive the messages that have arrived, then receive() returns errc::cancelled. After
    // limits.drain the remaining handlers are cancelled and their connections aborted. A cancel aborts all connections
    // at once.
    template <class Function, class... Arguments>
    [[nodiscard]] task<> run(Function function, Arguments... arguments) {
        return serve_with(internal::bind_handler(function, arguments...));
    }
    // Does the same with a handler that already contains its further arguments.
    task<> serve_with(handler handles);

    // Ends run(): the first call begins the drain, the second one aborts all connections. Call it from a handler or
    // another task of the server's loop.
    void stop();

    // Returns the address, with the port that the kernel chose.
    address local_address() const;
    // Returns the counters, while run() is running and afterwards. Each number is correct at some moment during the
    // call, so one number may already include an event that another number does not include yet. The messages and bytes
    // of a connection are added at the end of a turn. This function takes no lock and never waits. Subtract an earlier
    // result to get what happened in between. Thread safety: any thread, while this object exists and is not moved.
    server_stats stats() const;

private:
    friend class server_loops;
    explicit server(std::unique_ptr<internal::server_core> made);
    // Makes a server on the running loop, to which `first` gives an equal share of its connections. Call it before
    // first.run(); one call at a time.
    static result<server> join(const server& first, server_options how);

    std::unique_ptr<internal::server_core> core_;
};

}  // namespace weir
