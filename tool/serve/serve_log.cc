#include "tool/serve/serve_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <utility>

#include <weir/base/text.h>

#include "tool/command/talk.h"
#include "tool/tls/tls_facts.h"

namespace weir_tool {
namespace {

constexpr std::string_view program = "weir serve";

// The most lines of one kind in a second: sentences are for people, events for programs. For a limit that takes effect,
// one line is enough.
constexpr std::uint64_t most_sentences = 100;
constexpr std::uint64_t most_events = 1000;
constexpr weir::line_kind refusals{"refused", 1};
constexpr weir::line_kind pauses{"paused", 1};

// A sentence that waits longer than this for a reader is outdated, and is dropped.
constexpr weir::duration longest_wait = std::chrono::seconds(1);

bool has_name(const weir::address& peer) { return peer.is_ip() || peer.is_path() || peer.is_abstract(); }

// Returns a mapped address as an IPv4 address. On a socket for both families, an IPv4 client has a mapped address.
weir::address familiar(const weir::address& peer) {
    if (!peer.is_mapped()) return peer;
    const auto& octets = peer.ipv6_octets();
    return weir::address::ipv4(octets[12], octets[13], octets[14], octets[15], peer.port());
}

}  // namespace

serve_log::serve_log(manner how)
    : manner_(how),
      sentences_(STDERR_FILENO,
                 {"standard error", longest_wait,
                  [](std::uint64_t dropped) {
                      return complaint(
                          program, fmt::format("{} dropped here: standard error was not read", count(dropped, "line")));
                  },
                  [](const weir::line_quota::count& left_out) {
                      return complaint(program, fmt::format("left out {} ({}): the limit is {} per second",
                                                            count(left_out.lines, "more line"), left_out.kind.name,
                                                            left_out.kind.most_a_second));
                  },
                  [](const weir::error&) {}}) {  // no output is left for a message
    if (!manner_.json) return;
    events_.emplace(STDOUT_FILENO,
                    weir::line_writer::manner{
                        "standard output",
                        {},  // without a limit: events are data
                        [](std::uint64_t dropped) { return json_object("dropped").add("events", dropped).line(); },
                        [](const weir::line_quota::count& left_out) {
                            json_object said("left_out");
                            return said.add("kind", left_out.kind.name).add("events", left_out.lines).line();
                        },
                        [this](const weir::error& why) { events_failed(why); }});
}

// The reader of the events may close the pipe, as `head -1` does. No message is printed then. The server continues in
// any case.
void serve_log::events_failed(const weir::error& why) {
    if (why == weir::errc::broken_pipe) return;
    events_failed_ = true;
    warn(fmt::format("{}: no further events are written", why.message()));
}

void serve_log::say(std::string_view sentence) { sentences_.put(remark(program, sentence)); }
void serve_log::warn(std::string_view sentence) { sentences_.put(complaint(program, sentence)); }

void serve_log::event(const json_object& what) {
    if (events_) events_->put(what.line());
}

bool serve_log::tells(std::string_view kind) { return events_ && events_->takes({kind, most_events}); }

std::string serve_log::name_of(const weir::address& peer) const {
    if (has_name(peer)) return familiar(peer).to_string();
    return here_.is_ip() ? "unknown peer" : here_.to_string();
}

std::string serve_log::name_of(const weir::address& peer, std::uint64_t number) const {
    return has_name(peer) ? name_of(peer) : fmt::format("{} (connection {})", name_of(peer), number);
}

void serve_log::listening(const weir::address& here, const std::string& framing) {
    here_ = here;
    const std::string address = here.to_string();
    event(json_object("listening").add("address", address).add("framing", framing));
    if (!manner_.quiet) say(fmt::format("listening on {} ({})", address, framing));
}

void serve_log::opened(const connection& which, const weir::peer_facts& facts) {
    if (!manner_.verbose) return;
    if (tells("opened")) {
        json_object said("opened");
        said.add("connection", which.number).add("peer", name_of(which.peer, which.number));
        if (const auto tls = tls_object(facts)) said.add("tls", *tls);
        event(said);
    }
    if (!says({"opened", most_sentences})) return;
    const std::string tls = describe_tls(facts);
    say(fmt::format("{}: connected{}", name_of(which.peer, which.number), tls.empty() ? "" : " (" + tls + ")"));
}

void serve_log::closed(const connection& which, const weir::error& why, std::uint64_t messages, std::uint64_t skipped) {
    const std::string_view kind = word_for(why.code());
    const bool clean = why == weir::errc::closed;
    if (tells(kind)) {
        json_object said("closed");
        said.add("connection", which.number).add("peer", name_of(which.peer, which.number)).add("close_reason", kind);
        said.add("messages", messages).add("skipped", skipped);
        if (!clean) said.add("reason", describe_cause(why));
        event(said);
    }
    const bool is_fault = !clean && why != weir::errc::cancelled;
    if (!(is_fault || manner_.verbose) || !says({kind, most_sentences})) return;
    const std::string peer = name_of(which.peer, which.number);
    const std::string how = clean ? "closed" : describe_cause(why);
    if (is_fault) return warn(fmt::format("{}: {}", peer, how));
    say(fmt::format("{}: {} after {}", peer, how, count(messages, "message")));
}

void serve_log::refused(const weir::address& peer, std::string_view why) {
    if (tells(refusals.name)) {
        json_object said("refused");
        event(said.add("peer", familiar(peer).to_string()).add("reason", why));
    }
    if (says(refusals)) warn(fmt::format("{}: refused: {}", familiar(peer).to_string(), why));
}

void serve_log::handshake_failed(const weir::address& peer, const weir::error& why) {
    const std::string_view kind = word_for(why.code());
    if (tells(kind)) {
        json_object said("handshake_failed");
        event(said.add("peer", name_of(peer)).add("close_reason", kind).add("reason", describe_cause(why)));
    }
    if (says({kind, most_sentences}))
        warn(fmt::format("{}: the TLS handshake failed: {}", name_of(peer), describe_cause(why)));
}

// ---- the certificate ----

void serve_log::shows(const own_certificate& one) {
    json_object said("certificate");
    said.add("subject", one.subject).add("pin", one.pin);
    if (!one.made_for.empty()) said.add("made_for", std::span(one.made_for));
    event(said);
    if (one.made_for.empty() || manner_.quiet) return;
    say(fmt::format("no --cert is given: a certificate for {} was made in memory; clients accept it with --pin {}",
                    fmt::join(one.made_for, ", "), one.pin));
}

void serve_log::reloaded(const own_certificate& one) {
    json_object said("reloaded");
    event(said.add("subject", one.subject).add("pin", one.pin));
    if (!manner_.quiet) say(fmt::format("new connections use the certificate of {} ({})", one.subject, one.pin));
}

void serve_log::not_reloaded(const weir::error& why) {
    json_object said("reload_failed");
    event(said.add("reason", why.message()));
    warn_of(fmt::format("{}: new connections still use the old certificate", why.message()));
}

// ---- the server ----

void serve_log::paused(std::string_view why) {
    if (tells(pauses.name)) {
        json_object said("paused");
        event(said.add("reason", why));
    }
    if (says(pauses)) warn(why);
}

void serve_log::thrown(const weir::address& peer, std::string_view what) {
    if (sentences_.takes({"thrown", most_sentences})) warn(fmt::format("{}: {}", familiar(peer).to_string(), what));
}

void serve_log::warn_of(const std::string& sentence) {
    if (!manner_.quiet) warn(sentence);
}

void serve_log::stats(const weir::server_stats& now) {
    const weir::channel_stats& messages = now.messages;
    if (events_) {
        json_object said("stats");
        said.add("open", now.open).add("accepted", now.accepted).add("refused", now.refused);
        if (manner_.tls) said.add("handshaking", now.handshaking).add("handshakes_failed", now.handshakes_failed);
        said.add("pauses", now.pauses).add("thrown", now.thrown).add("aborted", now.aborted);
        said.add("messages_received", messages.messages_received).add("messages_sent", messages.messages_sent);
        said.add("messages_skipped", messages.messages_skipped);
        said.add("bytes_received", messages.bytes_received).add("bytes_sent", messages.bytes_sent);
        said.add("held_bytes", now.held_bytes).add("queued_bytes", now.queued_bytes);
        for (std::size_t code = 0; code < now.ended.size(); ++code) {
            if (now.ended[code] != 0)
                said.add(fmt::format("ended_{}", word_for(static_cast<weir::errc>(code))), now.ended[code]);
        }
        for (std::size_t which = 0; which < weir::limit_kinds; ++which) {
            std::string name(to_string(static_cast<weir::limit_kind>(which)));
            std::ranges::replace(name, ' ', '_');
            said.add("limit_" + name, now.limits_hit[which]);
        }
        event(said);
    }
    std::string sentence = fmt::format(
        "{} open, {} accepted; {} ({}) received, {} ({}) sent; {} held, {} queued", now.open, now.accepted,
        count(messages.messages_received, "message"), weir::say_size(messages.bytes_received), messages.messages_sent,
        weir::say_size(messages.bytes_sent), weir::say_size(now.held_bytes), weir::say_size(now.queued_bytes));
    if (now.refused != 0) sentence += fmt::format("; {} refused", now.refused);
    if (now.handshakes_failed != 0) sentence += fmt::format("; {} failed", count(now.handshakes_failed, "handshake"));
    if (now.pauses != 0) sentence += fmt::format("; accepting paused {} times", now.pauses);
    const char* before = "; limits reached: ";
    for (std::size_t which = 0; which < weir::limit_kinds; ++which) {
        if (now.limits_hit[which] == 0) continue;
        sentence += fmt::format("{}{} {}", std::exchange(before, ", "), to_string(static_cast<weir::limit_kind>(which)),
                                now.limits_hit[which]);
    }
    say(sentence);
}

void serve_log::draining(std::size_t open, std::optional<weir::duration> at_most) {
    if (manner_.quiet || open == 0) return;
    say(fmt::format("no longer accepting; {} may continue{} (a second signal aborts open connections)",
                    count(open, "connection"),
                    at_most ? " for at most " + weir::format_duration(*at_most) : " without a time limit"));
}

std::string serve_log::sum_up(const totals& all, std::uint64_t dropped) {
    std::string sentence =
        fmt::format("served {}, {}", count(all.connections, "connection"), count(all.messages, "message"));
    if (all.failed != 0) sentence += fmt::format("; {} did not end cleanly", all.failed);
    if (all.aborted != 0) sentence += fmt::format(", {} aborted", all.aborted);
    if (all.refused != 0) sentence += fmt::format("; {} refused", count(all.refused, "connection"));
    if (all.handshakes_failed != 0) sentence += fmt::format("; {} failed", count(all.handshakes_failed, "handshake"));
    if (dropped != 0)
        sentence += fmt::format("; {} dropped, because standard output was not read", count(dropped, "event"));
    if (const auto left_out = sentences_.left_out(); left_out != 0)
        sentence += fmt::format("; {} left out", count(left_out, "line"));
    return sentence;
}

serve_log::outcome serve_log::summary(const totals& all) {
    const std::uint64_t dropped = events_ ? events_->dropped() : 0;
    outcome end{false, false};
    if (events_) {
        json_object last("summary");
        last.add("connections", all.connections).add("messages", all.messages);
        last.add("failed", all.failed).add("aborted", all.aborted).add("refused", all.refused);
        if (manner_.tls) last.add("handshakes_failed", all.handshakes_failed);
        last.add("dropped", dropped).add("left_out", events_->left_out());
        if (!events_->finish(last.line())) {
            end = {true, true};
            warn(fmt::format("standard output is not read: {} at the end could not be written",
                             count(events_->waiting(), "event")));
        }
    }
    if (events_failed_) end.events_lost = true;
    if (!sentences_.finish(manner_.quiet ? std::string() : remark(program, sum_up(all, dropped)))) end.stuck = true;
    return end;
}

}  // namespace weir_tool
