#include "serve_log.h"

#include <fmt/format.h>

#include <weir/base/text.h>

#include "talk.h"

namespace weir_tool {
namespace {

constexpr std::string_view who = "weir serve";

}  // namespace

void serve_log::event(const json_object& what) {
    if (!manner_.json) return;
    const std::lock_guard hold(guard_);
    auto shown = out_.write(what.line());
    if (shown) shown = out_.flush();  // whoever read the events is gone: the server serves on
}

void serve_log::listening(const std::string& address, const std::string& framing) {
    event(json_object("listening").add("address", address).add("framing", framing));
    if (!manner_.quiet) tell(who, fmt::format("listening on {} ({})", address, framing));
}

void serve_log::opened(const connection& which) {
    if (!manner_.verbose) return;
    event(json_object("opened").add("connection", which.number).add("peer", which.peer));
    if (!manner_.quiet) tell(who, fmt::format("{}: connected", which.peer));
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
        complain(who, fmt::format("{}: {}", which.peer, describe_cause(ending)));
    } else if (manner_.verbose) {
        tell(who, fmt::format("{}: {} after {}", which.peer, clean ? "closed" : describe_cause(ending),
                              count(messages, "message")));
    }
}

void serve_log::paused(const std::string& sentence) {
    if (!manner_.quiet) complain(who, sentence);
}

void serve_log::draining(std::size_t open, weir::duration at_most) {
    if (manner_.quiet || open == 0) return;
    tell(who, fmt::format("no longer accepting; {} may go on for at most {} (a second signal kills)",
                          count(open, "connection"), weir::format_duration(at_most)));
}

void serve_log::summary(const totals& all) {
    event(json_object("summary")
              .add("connections", all.connections)
              .add("messages", all.messages)
              .add("failed", all.failed)
              .add("cut", all.cut));
    if (manner_.quiet) return;
    std::string sentence =
        fmt::format("served {}, {}", count(all.connections, "connection"), count(all.messages, "message"));
    if (all.failed != 0) sentence += fmt::format("; {} did not end cleanly", all.failed);
    if (all.cut != 0) sentence += fmt::format(", {} cut", all.cut);
    tell(who, sentence);
}

}  // namespace weir_tool
