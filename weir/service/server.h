// A server, as a library: it listens, gives each connection to a handler, keeps the limits and counts. It handles no
// signals and prints nothing; serve() does.
//
//     auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
//     if (!opened) co_return opened.error();
//     co_await opened->run(echo);                       // until stop(), or a cancel
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/framing/framing.h"
#include "weir/loop/task.h"
#include "weir/service/handler.h"
#include "weir/service/limits.h"
#include "weir/service/server_stats.h"
#include "weir/socket/listen_on.h"

namespace [[gnu::visibility("default")]] weir {

// What a server tells of, for a log. Views that live during the call.
struct server_event {
    // backend: the loop stands on another one than it would prefer, and why.
    enum class kind : std::uint8_t { backend, listening, connected, ended, refused, paused, thrown, draining, aborted };
    kind what;
    std::string_view text;  // for a person
    const address* peer;    // of the connection, or null
    const error* why;       // why it ended or paused, or null
};

// Thread safety: a value.
class server_options {
public:
    server_options() = default;

    weir::limits limits;
    listen_options listening;
    // Called on the loop's thread; what it throws is dropped.
    std::function<void(const server_event&)> log;
};

// Thread safety: its loop's thread alone.
class server {
public:
    // On the loop that runs now, where `here` says: see listen_on(). Clients may connect from now on; run() serves
    // them.
    static result<server> listen(std::string_view here, framing described, server_options how = {});
    // Accepts from the queue of a server on another loop; that one must live during this call.
    static result<server> listen_beside(const server& other, server_options how);

    server(server&&) noexcept;
    server& operator=(server&&) noexcept;
    ~server();  // not while run() goes on

    // Serves until stop() or a cancel; once. Then the address is free at once, connections drain, and it ends when all
    // have ended: handlers finish what has come, then receive() gives errc::cancelled; behind limits.drain the rest is
    // cancelled and cut. A cancel drains for no time at all.
    template <class Function, class... Arguments>
    [[nodiscard]] task<> run(Function function, Arguments... arguments) {
        return serve_with(bind_handler(function, arguments...));
    }
    task<> serve_with(handler handles);

    // Ends run(); the first call drains, the second one cuts. From a handler or another task of its loop.
    void stop();

    // With the port that was chosen.
    address local_address() const;
    server_stats stats() const;

    class core;

private:
    friend class server_loops;
    explicit server(std::unique_ptr<core> made);
    // A server on the loop that runs now, to which `first` deals connections: as many as every other one has that
    // joined. Before first.run(); one call at a time.
    static result<server> join(const server& first, server_options how);

    std::unique_ptr<core> core_;
};

}  // namespace weir
