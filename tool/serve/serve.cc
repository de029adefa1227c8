// `weir serve`: a message server. This file reads the options and controls the steps. echo_server.cc is the server,
// serve_log.cc its log.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <weir/base/text.h>
#include <weir/coroutine/run.h>
#include <weir/kernel/open_backend.h>
#include <weir/loop/loop.h>
#include <weir/service/server_loops.h>
#include <weir/socket/descriptor.h>

#include "tool/command/commands.h"
#include "tool/command/signals.h"
#include "tool/command/talk.h"
#include "tool/command/values.h"
#include "tool/connect/socket_file.h"
#include "tool/serve/echo_server.h"
#include "tool/tls/tls_choice.h"
#include "tool/tls/tls_side.h"

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
    const auto of_a_source = source_limit_value(options, "max-per-source");
    if (!of_a_source) return of_a_source.error();
    const weir::limits usual;
    for (const auto& [name, limit, otherwise] :
         {std::tuple("held", &limits.held_bytes, usual.held_bytes_of_a_loop),
          std::tuple("kernel-buffers", &limits.kernel_buffer_bytes, usual.kernel_buffer_bytes)}) {
        *limit = otherwise;
        if (!options.said(name)) continue;
        const auto size = size_limit_value(options, name);
        if (!size) return size.error();
        *limit = *size;
    }
    for (const auto& [name, limit] :
         {std::pair("first-message", &limits.first_message), std::pair("whole-message", &limits.whole_message),
          std::pair("idle", &limits.idle), std::pair("stall", &limits.stall)}) {
        const auto time = limit_value(options, name);
        if (!time) return time.error();
        *limit = *time;
    }
    const auto drain = time_value(options, "drain");
    if (!drain) return drain.error();
    limits.connections = *connections;
    limits.of_a_source = *of_a_source;
    limits.drain = *drain;
    return limits;
}

// Checks that --held has room for a message of the largest size. Each message is held twice: as received, and as the
// queued reply. With less memory, a message would be refused, or would wait until all other messages are answered.
weir::result<void> holds_messages(const given& options, std::uint64_t held, std::uint64_t message,
                                  std::uint64_t threads) {
    if (held / threads / 2 >= message) return {};
    const std::string loops = threads == 1 ? "" : fmt::format(" on each of {} loops", threads);
    return weir::error(
        weir::errc::invalid, "option", {},
        fmt::format(
            "--held {}: a message of {} needs twice its size, once received and once as the reply{}; raise --held, "
            "or set a smaller max= in the framing",
            show(options.text("held")), weir::say_size(message), loops));
}

weir::result<std::uint64_t> threads_value(const given& options) {
    constexpr std::uint64_t most = 256;
    auto threads = count_value(options, "threads");
    if (!threads || *threads <= most) return threads;
    return weir::error(weir::errc::invalid, "option", {},
                       fmt::format("--threads {}: must be at most {}; more threads than processors do not help",
                                   show(options.text("threads")), most));
}

// The state of the server from its start to its end.
struct service {
    echo_server& server;
    serve_log& log;
    const socket_file& file;
    server_tls* tls;  // null without --tls
    int signal = 0;   // the first signal that arrived
};

int could_not_listen(const weir::error& why) {
    complain("weir serve", describe(why));
    return why == weir::errc::malformed ? exit_code::usage : exit_code::failure;
}

int could_not_use(const weir::error& why) {
    complain("weir serve", describe(why));
    return exit_code::failure;
}

weir::task<weir::result<weir::server_loops>> listen_at(std::string_view address, const weir::framing& described,
                                                       std::vector<weir::server_options> loops) {
    co_return weir::server_loops::listen(address, described, std::move(loops));
}

void reload(service& all) {
    if (const auto reloaded = all.tls->reload(); !reloaded) return all.log.not_reloaded(reloaded.error());
    all.log.reloaded(all.tls->certificate());
}

weir::task<> serve_until_signal(weir::server_loops& loops, service& all, const std::string& framing) {
    const auto stop = [&](int number) {
        all.file.remove();  // first, because another server may take over from now on
        if (all.signal != 0) die_by(number);
        all.signal = number;
        all.server.draining();  // before any connection ends because of the stop
        loops.stop();
    };
    auto& platform = weir::loop::current().backend();
    const auto interrupted = platform.watch(weir::signal::interrupt, [&] { stop(SIGINT); });
    const auto terminated = platform.watch(weir::signal::terminate, [&] { stop(SIGTERM); });
    const auto asked = platform.watch(weir::signal::user_1, [&] { all.log.stats(loops.stats()); });
    std::optional<weir::result<std::unique_ptr<weir::signal_watch>>> hung_up;  // without TLS, SIGHUP ends the process
    if (all.tls != nullptr) {
        hung_up = platform.watch(weir::signal::hang_up, [&] { reload(all); });
        all.log.shows(all.tls->certificate());
    }
    all.log.listening(loops.local_address(), framing);
    co_await loops.run(&echo, weir::shared(all.server));
}

// The values of the command line, without those for the log.
struct command_line {
    std::string_view address;
    weir::framing described;
    server_limits limits;
    std::uint64_t threads;
    weir::backend_kind backend;
    std::optional<tls_choice> tls;
};

int run(const command_line& line, serve_log::manner how) {
    const auto& [address, described, limits, threads, backend, choice] = line;
    weir::allow_most_descriptors();
    let_signals_kill();  // until it listens, because the look-up of a name may take long
    serve_log log(how);
    std::unique_ptr<server_tls> tls;
    if (choice) {
        const auto warn = [&log](std::string_view sentence) { log.warn_of(std::string(sentence)); };
        auto made = server_tls::make(*choice, address, warn);
        if (!made) return could_not_use(made.error());
        tls = *std::move(made);
    }
    echo_server server(limits, tls ? tls->through() : weir::wrappers(), log);
    auto platform = weir::open_backend(backend);
    if (!platform) return could_not_listen(platform.error());
    const std::uint64_t loops = std::min(threads, limits.connections);
    if (limits.held_bytes && described.fields().limit() > *limits.held_bytes / loops) {
        log.warn_of(fmt::format(
            "a message of more than {} is refused, although the framing allows {}: the memory for messages is limited "
            "to {}; --held changes the limit",
            weir::say_size(*limits.held_bytes / loops), weir::say_size(described.fields().limit()),
            weir::say_size(*limits.held_bytes)));
    }
    weir::loop here(std::move(*platform));
    if (const auto remark = here.backend().remark(); !remark.empty()) log.warn_of(std::string(remark));
    auto opened = here.run(listen_at(address, described, server.loops(threads)));
    if (!opened) return could_not_listen(opened.error());
    const socket_file file(opened->local_address());
    service all{server, log, file, tls.get()};
    here.run(serve_until_signal(*opened, all, described.to_string()));
    const auto totals = server.totals(opened->stats());
    const auto said = log.summary(totals);
    int code = said.events_lost ? exit_code::failure : exit_code::ok;
    if (totals.aborted != 0) code = exit_code::signalled + all.signal;
    if (said.stuck)
        std::_Exit(code);  // a thread is stuck in a write to a reader that does not read; the kernel closes everything
    return code;
}

}  // namespace

int serve(const given& options) {
    const auto described = framing_value(options, "framing");
    if (!described) return misused(described.error());
    const auto limits = limits_of(options);
    if (!limits) return misused(limits.error());
    const auto threads = threads_value(options);
    if (!threads) return misused(threads.error());
    if (options.said("held") && limits->held_bytes) {
        const auto enough = holds_messages(options, *limits->held_bytes, described->fields().limit(),
                                           std::min(*threads, limits->connections));
        if (!enough) return misused(enough.error());
    }
    const auto backend = backend_value(options);
    if (!backend) return misused(backend.error());
    auto tls = tls_value(options);
    if (!tls) return misused(tls.error());
    const serve_log::manner how{options.said("quiet"), options.said("verbose"), options.said("json"),
                                options.said("tls")};
    return run({options.text("ADDRESS"), *described, *limits, *threads, *backend, *std::move(tls)}, how);
}

}  // namespace weir_tool
