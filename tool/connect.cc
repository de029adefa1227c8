// `weir connect`: messages from standard input, replies to standard output. This file reads the options and connects;
// the conversation is conversation.cc.
#include <fmt/format.h>

#include <weir/socket/clock.h>
#include <weir/socket/connect_to.h>

#include "commands.h"
#include "conversation.h"
#include "json.h"
#include "signals.h"
#include "talk.h"
#include "values.h"

namespace weir_tool {
namespace {

int misused(const weir::error& why) {
    complain("weir", describe_cause(why));
    return exit_code::usage;
}

// A framing for standard input or output; none for the word hex.
weir::result<std::optional<weir::framing>> side_value(const given& options, std::string_view name,
                                                      std::uint64_t limit) {
    if (options.text(name) == "hex") return std::optional<weir::framing>();
    const auto described = framing_value(options, name);
    if (!described) return described.error();
    return std::optional(at_least(*described, limit));
}

int could_not_connect(const weir::error& why, bool json) {
    complain("weir", describe(why));
    if (json) {
        json_object ending("ending");
        ending.add("ending", word_for(why.code())).add("sent", std::uint64_t{0}).add("received", std::uint64_t{0});
        standard_output out;
        auto shown = out.write(ending.add("reason", describe(why)).line());
        if (shown) shown = out.flush();
    }
    return why == weir::errc::malformed ? exit_code::usage : exit_code_of(why);
}

weir::result<weir::socket> connect_by(std::string_view address, std::optional<weir::duration> timeout) {
    const signals impatient([](int number, int) { die_by(number); });
    return weir::connect_to(address, timeout ? weir::within(*timeout) : weir::deadline());
}

}  // namespace

int connect(const given& options) {
    const auto described = framing_value(options, "framing");
    if (!described) return misused(described.error());
    conversation::manner how;
    how.json = options.said("json");
    how.quiet = options.said("quiet");
    const std::uint64_t limit = described->fields().limit();
    auto in = side_value(options, "in", limit);
    if (!in) return misused(in.error());
    if (*in && (*in)->fields().kind == weir::framing_kind::idle) {
        complain("weir connect", "--in idle: standard input has no clock: only what comes over a line has gaps");
        return exit_code::usage;
    }
    auto out = side_value(options, "out", limit);
    if (!out) return misused(out.error());
    const auto linger = time_value(options, "linger");
    if (!linger) return misused(linger.error());
    const auto timeout = limit_value(options, "timeout");
    if (!timeout) return misused(timeout.error());
    if (how.json && options.said("out")) {
        complain("weir connect", "--json and --out both say what is written to standard output: give one of them");
        return exit_code::usage;
    }
    how.in = *std::move(in);
    how.out = *std::move(out);
    how.linger = *linger;

    auto connection = connect_by(options.text("ADDRESS"), *timeout);
    if (!connection) return could_not_connect(connection.error(), how.json);
    // A small message should not wait for the answer to the one before. A Unix socket knows no such delay.
    [[maybe_unused]] const auto prompt = connection->set(weir::option::no_delay, true);
    conversation talk(*std::move(connection), *described, how);
    const signals on_signal([&](int number, int nth) {
        if (nth > 1) die_by(number);
        talk.interrupt(number);
    });
    return talk.run();
}

}  // namespace weir_tool
