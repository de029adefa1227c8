#include "serve_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include <weir/base/text.h>
#include <weir/socket/clock.h>

#include "talk.h"

namespace weir_tool {
namespace {

constexpr std::string_view who = "weir serve";

constexpr weir::duration last_moment = std::chrono::seconds(1);

std::string sum_up(const serve_log::totals& all, std::uint64_t dropped) {
    std::string sentence =
        fmt::format("served {}, {}", count(all.connections, "connection"), count(all.messages, "message"));
    if (all.failed != 0) sentence += fmt::format("; {} did not end cleanly", all.failed);
    if (all.cut != 0) sentence += fmt::format(", {} cut", all.cut);
    if (dropped != 0) sentence += fmt::format("; {} dropped, for nobody read them", count(dropped, "event"));
    return sentence;
}

}  // namespace

serve_log::serve_log(manner how)
    : manner_(how), sentences_(
                        STDERR_FILENO, "standard error",
                        [](std::uint64_t dropped) {
                            return complaint(who, fmt::format("{} dropped here: standard error was not read",
                                                              count(dropped, "sentence")));
                        },
                        [](const weir::error&) {}) {  // nobody is left to tell
    if (!manner_.json) return;
    events_.emplace(
        STDOUT_FILENO, "standard output",
        [](std::uint64_t dropped) { return json_object("dropped").add("events", dropped).line(); },
        [this](const weir::error& why) { events_failed(why); });
}

// Whoever read the events may go, as `head -1` does: that is quiet. The server serves on in any case.
void serve_log::events_failed(const weir::error& why) {
    if (why == weir::errc::broken_pipe) return;
    events_failed_ = true;
    failed(fmt::format("{}: no further events are written", why.message()));
}

void serve_log::say(std::string_view sentence) { sentences_.put(remark(who, sentence)); }
void serve_log::warn(std::string_view sentence) { sentences_.put(complaint(who, sentence)); }

void serve_log::event(const json_object& what) {
    if (events_) events_->put(what.line());
}

void serve_log::listening(const std::string& address, const std::string& framing) {
    event(json_object("listening").add("address", address).add("framing", framing));
    if (!manner_.quiet) say(fmt::format("listening on {} ({})", address, framing));
}

void serve_log::opened(const connection& which) {
    if (!manner_.verbose) return;
    event(json_object("opened").add("connection", which.number).add("peer", which.peer));
    if (!manner_.quiet) say(fmt::format("{}: connected", which.peer));
}

void serve_log::closed(const connection& which, const weir::error& ending, std::uint64_t messages,
                       std::uint64_t skipped) {
    json_object said("closed");
    said.add("connection", which.number).add("peer", which.peer).add("ending", word_for(ending.code()));
    said.add("messages", messages).add("skipped", skipped);
    const bool clean = ending == weir::errc::closed;
    if (!clean) said.add("reason", describe_cause(ending));
    event(said);
    if (manner_.quiet) return;
    if (!clean && ending != weir::errc::cancelled) {
        warn(fmt::format("{}: {}", which.peer, describe_cause(ending)));
    } else if (manner_.verbose) {
        say(fmt::format("{}: {} after {}", which.peer, clean ? "closed" : describe_cause(ending),
                        count(messages, "message")));
    }
}

void serve_log::warn_of(const std::string& sentence) {
    if (!manner_.quiet) warn(sentence);
}

void serve_log::draining(std::size_t open, std::optional<weir::duration> at_most) {
    if (manner_.quiet || open == 0) return;
    say(fmt::format("no longer accepting; {} may go on{} (a second signal kills)", count(open, "connection"),
                    at_most ? " for at most " + weir::format_duration(*at_most) : " until they end"));
}

void serve_log::failed(const std::string& sentence) { warn(sentence); }

serve_log::outcome serve_log::summary(const totals& all, weir::deadline until) {
    const std::uint64_t dropped = events_ ? events_->dropped() : 0;
    outcome end{false, false};
    if (events_) {
        json_object last("summary");
        last.add("connections", all.connections).add("messages", all.messages);
        last.add("failed", all.failed).add("cut", all.cut).add("dropped", dropped);
        if (!events_->finish(std::max(until, weir::within(last_moment)), last.line())) {
            end = {true, true};
            warn(fmt::format("standard output is not read: {} at the end could not be written",
                             count(events_->waiting(), "event")));
        }
    }
    if (events_failed_) end.events_lost = true;
    const std::string last = manner_.quiet ? std::string() : remark(who, sum_up(all, dropped));
    if (!sentences_.finish(std::max(until, weir::within(last_moment)), last)) end.stuck = true;
    return end;
}

}  // namespace weir_tool
