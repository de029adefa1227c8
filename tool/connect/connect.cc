// `weir connect`: messages from standard input, replies to standard output. This file reads the options and connects;
// the conversation is conversation.cc.
#include <malloc.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include <weir/coroutine/run.h>
#include <weir/kernel/open_backend.h>
#include <weir/loop/loop.h>
#include <weir/service/connect.h>
#include <weir/socket/clock.h>

#include "tool/command/commands.h"
#include "tool/command/signals.h"
#include "tool/command/talk.h"
#include "tool/command/values.h"
#include "tool/connect/conversation.h"
#include "tool/terminal/json.h"
#include "tool/tls/tls_choice.h"
#include "tool/tls/tls_side.h"

namespace weir_tool {
namespace {

int misused(const weir::error& why) {
    complain("weir", describe_cause(why));
    return exit_code::usage;
}

// Returns the framing for standard input or output, or std::nullopt if the option is the word `hex`.
weir::result<std::optional<weir::framing>> side_value(const given& options, std::string_view name,
                                                      std::uint64_t limit) {
    if (options.text(name) == "hex") return std::optional<weir::framing>();
    const auto described = framing_value(options, name);
    if (!described) return described.error();
    return std::optional(at_least(*described, limit));
}

// Returns true for errors of a handshake: "tls handshake with 127.0.0.1:9000: ..."
bool is_of_handshake(const weir::error& why) { return why.operation().ends_with("handshake with"); }

int exit_code_without_connection(const weir::error& why) {
    if (why == weir::errc::timed_out) return exit_code::timeout;
    const bool is_address_wrong = why == weir::errc::malformed && !is_of_handshake(why);
    return is_address_wrong ? exit_code::usage : exit_code::failure;
}

void say_not_connected(const weir::error& why, bool json) {
    complain("weir", describe(why));
    if (!json) return;
    json_object closed("closed");
    closed.add("close_reason", word_for(why.code())).add("sent", std::uint64_t{0}).add("received", std::uint64_t{0});
    standard_output out;
    auto shown = out.write(closed.add("reason", describe(why)).line());
    if (shown) shown = out.flush();
}

int could_not_connect(const weir::error& why, bool json) {
    say_not_connected(why, json);
    return exit_code_without_connection(why);
}

// Returns the exit code of the conversation, or an error when no connection was made.
weir::task<weir::result<int>> converse(std::string_view where, const weir::wrappers& through,
                                       const weir::framing& described, const conversation::manner& how,
                                       std::optional<weir::duration> timeout) {
    std::optional<conversation> talk;
    bool is_interrupted = false;
    const auto interrupt = [&](int number) {
        if (!talk || std::exchange(is_interrupted, true)) die_by(number);
        talk->interrupt(number);
    };
    auto& platform = weir::loop::current().backend();
    const auto interrupted = platform.watch(weir::signal::interrupt, [&] { interrupt(SIGINT); });
    const auto terminated = platform.watch(weir::signal::terminate, [&] { interrupt(SIGTERM); });
    const weir::deadline until = timeout ? weir::within(*timeout) : weir::deadline();
    auto connected = co_await weir::connect(std::string(where), through, described, conversation::limits(how), until);
    if (!connected) co_return connected.error();
    talk.emplace(*std::move(connected), how);
    const int code = co_await talk->run();
    co_return code;
}

}  // namespace

// Makes malloc(3) allocate large messages in separate pages (mallopt(3)). Freed memory then returns to the system, and
// growing memory is remapped instead of copied.
void use_pages_for_large_messages() { ::mallopt(M_MMAP_THRESHOLD, 512 * 1024); }

int connect(const given& options) {
    use_pages_for_large_messages();
    const auto described = framing_value(options, "framing");
    if (!described) return misused(described.error());
    conversation::manner how;
    how.json = options.said("json");
    how.quiet = options.said("quiet");
    if (options.said("raw")) how.control = message_output::control::raw;
    const std::uint64_t limit = described->fields().limit();
    auto in = side_value(options, "in", limit);
    if (!in) return misused(in.error());
    if (*in && (*in)->fields().kind == weir::framing_kind::idle) {
        complain("weir connect", "--in idle: bytes of standard input have no gaps in time; use another framing");
        return exit_code::usage;
    }
    auto out = side_value(options, "out", limit);
    if (!out) return misused(out.error());
    const auto linger = time_value(options, "linger");
    if (!linger) return misused(linger.error());
    const auto stall = limit_value(options, "stall");
    if (!stall) return misused(stall.error());
    if (options.said("expect")) {
        const auto expected = count_value(options, "expect");
        if (!expected) return misused(expected.error());
        how.expect = *expected;
    }
    const auto timeout = limit_value(options, "timeout");
    if (!timeout) return misused(timeout.error());
    const auto backend = backend_value(options);
    if (!backend) return misused(backend.error());
    if (how.json && options.said("out")) {
        complain("weir connect", "--json and --out both say what is written to standard output: give one of them");
        return exit_code::usage;
    }
    how.in = *std::move(in);
    how.out = *std::move(out);
    how.linger = *linger;
    how.stall = *stall;
    const auto tls = tls_value(options);
    if (!tls) return misused(tls.error());
    weir::wrappers through;
    if (*tls) {
        auto made = make_client_tls(**tls, [](std::string_view sentence) { complain("weir connect", sentence); });
        if (!made) {
            say_not_connected(made.error(), how.json);
            return exit_code::failure;
        }
        through = *std::move(made);
    }

    let_signals_kill();  // until a loop watches the signals
    auto platform = weir::open_backend(*backend);
    if (!platform) return could_not_connect(platform.error(), how.json);
    weir::loop here(std::move(*platform));
    here.memory().limit({});  // receives any message that -f allows, however large
    const auto code = here.run(converse(options.text("ADDRESS"), through, *described, how, *timeout));
    if (code) return *code;
    std::_Exit(could_not_connect(code.error(), how.json));  // does not wait for a name look-up that still runs
}

}  // namespace weir_tool
