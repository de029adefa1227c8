// `weir serve`: a message server. This file reads the options and orders the steps; the server is echo_server.cc, what
// it says serve_log.cc.
#include <atomic>
#include <cstdlib>

#include <fmt/format.h>

#include <weir/socket/clock.h>
#include <weir/socket/listen_on.h>

#include "commands.h"
#include "echo_server.h"
#include "signals.h"
#include "socket_file.h"
#include "talk.h"
#include "values.h"

namespace weir_tool {
namespace {

int misused(const weir::error& why) {
    complain("weir", describe_cause(why));
    return exit_code::usage;
}

weir::result<server_limits> limits_of(const given& options) {
    server_limits limits;
    const auto connections = count_value(options, "max-connections");
    if (!connections) return connections.error();
    const auto idle = limit_value(options, "idle");
    if (!idle) return idle.error();
    const auto stall = limit_value(options, "stall");
    if (!stall) return stall.error();
    const auto drain = time_value(options, "drain");
    if (!drain) return drain.error();
    limits.connections = *connections;
    limits.idle = *idle;
    limits.stall = *stall;
    limits.drain = drain->value_or(limits.drain);
    return limits;
}

// Looking up a name may take long: until it listens, the first signal ends it.
weir::result<weir::socket> listen_at(std::string_view address) {
    const signals impatient([](int number, int) { die_by(number); });
    return weir::listen_on(address);
}

int could_not_listen(const weir::error& why) {
    complain("weir serve", describe(why));
    return why == weir::errc::malformed ? exit_code::usage : exit_code::failure;
}

int run(weir::socket listener, const weir::framing& described, const server_limits& limits, serve_log::manner how) {
    const auto here = listener.local_address();
    if (!here) return could_not_listen(here.error());
    serve_log log(how);
    // The socket must be open as long as the file is ours: that keeps its inode from being used anew.
    const socket_file file(*here);
    echo_server server(std::move(listener), described, limits, log);
    std::atomic<int> signal{0};
    const signals on_signal([&](int number, int nth) {
        file.remove();  // first: another server may take over from now on
        if (nth > 1) die_by(number);
        signal = number;
        server.stop();
    });
    log.listening(here->to_string(), described.to_string());
    const auto served = server.run();
    if (!served) {
        log.failed(describe(served.error()));
        server.stop();
    }
    const weir::deadline until = weir::within(limits.drain);
    const bool all_ended = server.drain(until);
    const auto totals = server.totals();
    const auto said = log.summary(totals, until);
    int code = served && !said.events_lost ? exit_code::ok : exit_code::failure;
    if (totals.cut != 0 && signal != 0) code = exit_code::signalled + signal;
    if (all_ended && !said.stuck) return code;
    file.remove();
    std::_Exit(code);  // threads that part politely, or write to who does not read, are still at it; the kernel closes
}

}  // namespace

int serve(const given& options) {
    const auto described = framing_value(options, "framing");
    if (!described) return misused(described.error());
    const auto limits = limits_of(options);
    if (!limits) return misused(limits.error());
    auto listener = listen_at(options.text("ADDRESS"));
    if (!listener) return could_not_listen(listener.error());
    const serve_log::manner how{options.said("quiet"), options.said("verbose"), options.said("json")};
    return run(*std::move(listener), *described, *limits, how);
}

}  // namespace weir_tool
