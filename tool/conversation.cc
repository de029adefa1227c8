#include "conversation.h"

#include <fmt/format.h>

#include <thread>

#include "json.h"
#include "option_table.h"
#include "signals.h"
#include "talk.h"

namespace weir_tool {
namespace {

constexpr std::string_view who = "weir connect";
constexpr weir::duration after_signal = weir::blocking_channel::linger_time;
constexpr weir::duration after_cut = std::chrono::seconds(1);

message_input input_of(standard_input& from, const conversation::manner& how, const weir::framing& described) {
    return how.in ? message_input(from, *how.in) : message_input::hex(from, described.fields().limit());
}

message_output output_of(const conversation::manner& how) {
    if (how.json) return message_output::json();
    return how.out ? message_output::framed(*how.out) : message_output::hex();
}

}  // namespace

conversation::conversation(weir::socket connection, const weir::framing& described, const manner& how)
    : manner_(how), channel_(std::move(connection), described), source_(input_of(input_, how, described)),
      output_(output_of(how)), patience_([this] { cut(); }), last_resort_([this] { die_by(signal_); }) {}

int conversation::run() {
    std::thread sender([this] { send_all(); });
    receive_all();
    if (channel_.ending() == weir::errc::closed && !cut_ && !output_trouble_) {
        // The peer may still read: it gets what is there, but nobody waits for another line.
        input_.stop_waiting();
    } else {
        input_.stop();
        [[maybe_unused]] const auto woken = channel_.connection().shutdown(weir::half::both);
    }
    sender.join();
    return sum_up();
}

void conversation::interrupt(int signal) {
    signal_ = signal;
    input_.stop();
    const weir::duration patience = manner_.linger.value_or(after_signal);
    patience_.start(patience);
    last_resort_.start(patience + after_cut);
    if (!manner_.quiet) tell(who, "no more is sent; waiting for the peer to end (a second time kills)");
}

void conversation::cut() {
    cut_ = true;
    input_.stop();
    [[maybe_unused]] const auto woken = channel_.connection().shutdown(weir::half::both);
}

// ---- sending ----

void conversation::send_all() {
    for (;;) {
        const auto next = input_.stopped() ? message_input::step{message_input::cancelled} : source_.next();
        switch (next.what) {
            case message_input::message:
                if (!send(next.payload)) return;
                break;
            case message_input::end:
                input_ended_ = true;
                end_sending();
                return;
            case message_input::cancelled: end_sending(); return;
            case message_input::broken:
            case message_input::unreadable:
                complain(who, next.why);
                input_trouble_ = {next.what == message_input::broken ? exit_code::usage : exit_code::failure, next.why};
                end_sending();
                return;
        }
    }
}

// False when it was the last.
bool conversation::send(weir::bytes_view payload) {
    const auto sent = channel_.send(payload);
    if (sent) return true;
    const weir::error& why = sent.error();
    if (why == weir::errc::unencodable || why == weir::errc::too_large) {
        input_trouble_ = {exit_code::usage,
                          fmt::format("message {} of the input cannot be sent as {}: {}", source_.number(),
                                      channel_.described().to_string(), describe_cause(why))};
        complain(who, input_trouble_->sentence);
        end_sending();
    } else {
        send_trouble_ = {exit_code_of(why), fmt::format("message {} of the input could not be sent: {}",
                                                        source_.number(), describe_cause(why))};
    }
    return false;
}

void conversation::end_sending() {
    [[maybe_unused]] const auto done = channel_.shutdown_send();  // the peer may be gone already: receiving tells
    if (manner_.linger) patience_.start(*manner_.linger);
}

// ---- receiving ----

void conversation::receive_all() {
    constexpr weir::deadline at_once{weir::time_point()};  // a time that has passed
    while (!cut_) {
        auto reply = channel_.receive(at_once);
        if (!reply && channel_.ending() == weir::errc::none) {
            // Nothing is there: before it waits, what it has is shown.
            if (const auto flushed = output_.flush(); !flushed) return output_failed(flushed.error());
            reply = channel_.receive();
        }
        if (!reply) break;
        if (!write(*reply)) return;
    }
    if (const auto flushed = output_.flush(); !flushed) output_failed(flushed.error());
}

bool conversation::write(const weir::message& reply) {
    const auto written = output_.write(reply);
    if (!written) output_failed(written.error());
    return static_cast<bool>(written);
}

void conversation::output_failed(const weir::error& why) {
    const std::uint64_t number = channel_.messages_received();
    if (why == weir::errc::unencodable || why == weir::errc::too_large) {
        output_trouble_ = {exit_code::usage, fmt::format("reply {} cannot be written as {}: {}", number,
                                                         manner_.out->to_string(), describe_cause(why))};
        [[maybe_unused]] const auto shown = output_.flush();
    } else {
        // Nobody reads any more, as with `| head -1`: that is quiet.
        output_trouble_ = {exit_code::failure, why.message(), why == weir::errc::broken_pipe};
    }
}

// ---- the end ----

// Why the connection ended, if that is a trouble. Not when this side has cut it.
std::optional<conversation::trouble> conversation::judge_ending() const {
    const weir::error& ending = channel_.ending();
    if (cut_ || output_trouble_) return {};
    if (ending != weir::errc::closed) {
        const std::string sentence = fmt::format("{}: {}", channel_.peer().to_string(), describe_cause(ending));
        return trouble{exit_code_of(ending), sentence};
    }
    return send_trouble_;
}

int conversation::sum_up() {
    const auto ended_badly = judge_ending();
    for (const auto& one : {output_trouble_, ended_badly}) {
        if (one && !one->silent) complain(who, one->sentence);
    }
    const std::uint64_t skipped = channel_.messages_skipped();
    if (skipped != 0 && !manner_.quiet) tell(who, fmt::format("skipped {} over the limit", count(skipped, "message")));
    if (signal_ != 0 && !manner_.quiet) {
        tell(who, fmt::format("sent {}, received {}", count(channel_.messages_sent(), "message"),
                              channel_.messages_received()));
    } else if (!input_ended_ && !input_trouble_ && !ended_badly && !output_trouble_ && !cut_ && !manner_.quiet) {
        tell(who, "the peer has closed the connection");
    }
    // What went wrong first decides.
    int code = exit_code::ok;
    std::string reason;
    for (const auto& one : {output_trouble_, input_trouble_, ended_badly}) {
        if (!one || code != exit_code::ok) continue;
        code = one->code;
        reason = one->sentence;
    }
    if (signal_ != 0) code = exit_code::signalled + signal_;
    if (!manner_.json) return code;
    const bool by_us = cut_ || output_trouble_.has_value();
    json_object ending("ending");
    ending.add("ending", word_for(by_us ? weir::errc::cancelled : channel_.ending().code()));
    ending.add("sent", channel_.messages_sent()).add("received", channel_.messages_received());
    if (!reason.empty()) ending.add("reason", reason);
    auto shown = output_.write_line(ending.line());
    if (shown) shown = output_.flush();
    return shown || code != exit_code::ok ? code : exit_code::failure;
}

}  // namespace weir_tool
