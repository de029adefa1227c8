#include "conversation.h"

#include <fmt/format.h>

#include <utility>

#include <weir/loop/offload.h>
#include <weir/loop/when.h>

#include "json.h"
#include "option_table.h"
#include "signals.h"
#include "talk.h"

namespace weir_tool {
namespace {

constexpr std::string_view who = "weir connect";
constexpr weir::duration after_signal = std::chrono::seconds(2);
constexpr weir::duration after_cut = std::chrono::seconds(1);

message_input input_of(standard_input& from, const conversation::manner& how, const weir::framing& described) {
    return how.in ? message_input(from, *how.in) : message_input::hex(from, described.fields().limit());
}

weir::task<weir::result<weir::message>> receive_one(weir::channel& from) {
    auto one = co_await from.receive();
    co_return one;
}

// What a helper thread gave. That it gave nothing would be a cancel, and nobody cancels here.
template <class T>
weir::result<T> given_by(weir::result<weir::result<T>> helper) {
    if (!helper) return helper.error();
    return *std::move(helper);
}

message_output output_of(const conversation::manner& how) {
    if (how.json) return message_output::json();
    return how.out ? message_output::framed(*how.out) : message_output::hex();
}

}  // namespace

conversation::conversation(weir::channel connection, const manner& how)
    : manner_(how), channel_(std::move(connection)), source_(input_of(input_, how, channel_.described())),
      output_(output_of(how)), patience_([this] { cut(); }), last_resort_([this] { die_by(signal_); }) {}

weir::channel_limits conversation::limits() {
    weir::channel_limits limits;
    limits.stalled_send.reset();
    limits.linger_time = weir::duration::zero();  // when it is over, it is over
    return limits;
}

weir::task<int> conversation::run() {
    weir::task<> sending = send_all();
    weir::task<> receiving = receive();
    co_await weir::when_all(std::move(sending), std::move(receiving));
    const auto flushed = co_await channel_.flush();
    if (!flushed && !send_trouble_) static_cast<void>(send_failed(flushed.error()));
    const int code = co_await sum_up();
    co_return code;
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
    cut_is_near_.close();
    give_up_sending();
}

// What is with the kernel is still sent; a peer that takes no more is reset.
void conversation::give_up_sending() {
    input_.stop();
    if (channel_.queued_bytes() != 0) channel_.cut();
}

// ---- sending ----

weir::task<> conversation::send_all() {
    while (!input_.stopped()) {
        const auto next = source_.next();
        if (next.what == message_input::more) {
            const bool came = co_await read_more();
            if (!came) break;
        } else if (next.what == message_input::message) {
            const auto sent = co_await channel_.send(next.payload);
            if (!sent && send_failed(sent.error())) co_return;
            if (!sent) break;
        } else {
            input_ended_ = next.what == message_input::end;
            if (!input_ended_) input_failed(exit_code::usage, next.why);
            break;
        }
    }
    end_sending();
}

// False when nothing more is to be read.
weir::task<bool> conversation::read_more() {
    const auto read = [this] { return source_.read(); };
    auto done = co_await weir::offload(read);
    const auto came = given_by(std::move(done));
    if (came) {
        source_.feed(*came);
    } else if (came != weir::errc::cancelled) {
        input_failed(exit_code::failure, came.error().message());
    }
    co_return static_cast<bool>(came);
}

void conversation::input_failed(int code, const std::string& why) {
    complain(who, why);
    input_trouble_ = {code, why};
}

// True when the connection is at fault: then nothing more can be sent.
bool conversation::send_failed(const weir::error& why) {
    if (why == weir::errc::unencodable || why == weir::errc::too_large) {
        input_failed(exit_code::usage, fmt::format("message {} of the input cannot be sent as {}: {}", source_.number(),
                                                   channel_.described().to_string(), describe_cause(why)));
        return false;
    }
    send_trouble_ = {exit_code_of(why), fmt::format("message {} of the input could not be sent: {}", source_.number(),
                                                    describe_cause(why))};
    return true;
}

void conversation::end_sending() {
    channel_.shutdown_send();
    if (manner_.linger) patience_.start(*manner_.linger);
}

// ---- receiving ----

weir::task<> conversation::receive() {
    co_await receive_all();
    if (channel_.ending() == weir::errc::closed && !cut_ && !output_trouble_) {
        // The peer may still read: it gets what is there, but nobody waits for another line.
        input_.stop_waiting();
    } else {
        give_up_sending();
    }
}

weir::task<> conversation::receive_all() {
    constexpr weir::deadline at_once{weir::time_point()};  // a time that has passed
    while (!cut_) {
        auto reply = co_await channel_.receive(at_once);
        if (!reply && channel_.ending() == weir::errc::none) {
            // Nothing is there: before it waits, what it has is shown.
            const bool flushed = co_await flush();
            if (!flushed) co_return;
            reply = co_await next_reply();
        }
        if (!reply) break;
        if (const auto put = output_.put(*reply); !put) {
            output_failed(put.error());
            break;
        }
        if (!output_.is_full()) continue;
        const bool flushed = co_await flush();
        if (!flushed) co_return;
    }
    const bool flushed = co_await flush();
    static_cast<void>(flushed);
}

// Or why there is none: also when this side has cut it.
weir::task<weir::result<weir::message>> conversation::next_reply() {
    if (cut_) co_return weir::error(weir::errc::cancelled, "receive");
    weir::task<weir::result<weir::message>> replied = receive_one(channel_);
    weir::task<> over = no_more_patience();
    auto first = co_await weir::when_any(std::move(replied), std::move(over));
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return weir::error(weir::errc::cancelled, "receive");
}

weir::task<> conversation::no_more_patience() {
    const auto closed = co_await cut_is_near_.pop();
    static_cast<void>(closed);
}

// False when nothing can be written any more.
weir::task<bool> conversation::flush() {
    weir::result<void> flushed;
    if (output_.takes_at_once()) {
        flushed = output_.flush();
    } else {
        const auto write = [this] { return output_.flush(); };
        auto done = co_await weir::offload(write);
        flushed = given_by(std::move(done));
    }
    if (!flushed && !output_trouble_) output_failed(flushed.error());
    co_return static_cast<bool>(flushed);
}

void conversation::output_failed(const weir::error& why) {
    const std::uint64_t number = channel_.figures().messages_received;
    if (why == weir::errc::unencodable || why == weir::errc::too_large) {
        output_trouble_ = {exit_code::usage, fmt::format("reply {} cannot be written as {}: {}", number,
                                                         manner_.out->to_string(), describe_cause(why))};
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

weir::task<int> conversation::sum_up() {
    const auto ended_badly = judge_ending();
    for (const auto& one : {output_trouble_, ended_badly}) {
        if (one && !one->silent) complain(who, one->sentence);
    }
    const std::uint64_t skipped = channel_.figures().messages_skipped;
    if (skipped != 0 && !manner_.quiet) tell(who, fmt::format("skipped {} over the limit", count(skipped, "message")));
    if (signal_ != 0 && !manner_.quiet) {
        tell(who, fmt::format("sent {}, received {}", count(channel_.figures().messages_sent, "message"),
                              channel_.figures().messages_received));
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
    if (manner_.json) {
        const bool by_us = cut_ || output_trouble_.has_value();
        json_object ending("ending");
        ending.add("ending", word_for(by_us ? weir::errc::cancelled : channel_.ending().code()));
        ending.add("sent", channel_.figures().messages_sent).add("received", channel_.figures().messages_received);
        if (!reason.empty()) ending.add("reason", reason);
        output_.put_line(ending.line());
        const bool shown = co_await flush();
        if (!shown && code == exit_code::ok) code = exit_code::failure;
    }
    co_return code;
}

}  // namespace weir_tool
