// The server of `weir serve`: one thread a connection, each answering every message with the same message. It stops in
// three steps: stop() accepts no more and lets connections receive no more; drain() waits for them; what remains is cut.
//
//     accepting --- stop() ---> draining --- all have ended ---> done, cleanly
//                                        --- the time is up ---> done, cut
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include <weir/stream/blocking_channel.h>

#include "serve_log.h"

namespace weir_tool {

// Every limit of the server, beside the framing's own `max`.
struct server_limits {
    std::uint64_t connections = 1000;                                // at a time
    std::optional<weir::duration> idle = std::chrono::minutes(5);    // without a whole message from the peer
    std::optional<weir::duration> stall = std::chrono::seconds(30);  // while the peer takes nothing of a reply
    weir::duration drain = std::chrono::seconds(10);
};

// Thread safety: run() and drain() on one thread, stop() from any.
class echo_server {
public:
    echo_server(weir::socket listener, weir::framing described, server_limits limits, serve_log& log);
    echo_server(const echo_server&) = delete;
    echo_server& operator=(const echo_server&) = delete;
    // After drain().
    ~echo_server();

    // Accepts until stop(), or until accepting fails for good: then the error.
    weir::result<void> run();
    void stop();
    // Waits until every connection has ended and said so, at most until then, then cuts. False when threads are still at
    // work nevertheless: then the process must end without destroying this.
    bool drain(weir::deadline until);

    serve_log::totals totals();

private:
    struct connection {
        weir::blocking_channel channel;
        serve_log::connection said;
        bool parting = false;  // its thread closes it now: nobody else touches the socket
        bool was_cut = false;
        std::thread thread{};
    };
    using place = std::list<connection>::iterator;

    bool wait_for_room();
    void say_once(bool& said, const std::string& sentence);
    bool wait_out(const weir::error& why);
    void open(weir::accepted fresh);
    bool start_thread(place which);
    void serve(place which);
    weir::error converse(connection& with);
    weir::error judge(const connection& with, weir::error ending);
    void part(place which, const weir::error& ending);
    bool stopping();
    void cut();

    weir::socket listener_;
    weir::framing framing_;
    server_limits limits_;
    serve_log& log_;

    // On the thread of run() alone.
    bool said_full_ = false;
    bool said_short_ = false;
    weir::duration pause_ = weir::duration::zero();

    std::mutex guard_;  // for all that follows; nothing is logged under it
    std::condition_variable changed_;
    std::list<connection> connections_;
    std::thread last_;  // of the connection that ended last; the next one to end joins it
    serve_log::totals totals_;
    bool stopping_ = false;
};

}  // namespace weir_tool
