#include "tool/connect/conversation.h"

#include <fmt/format.h>

#include <utility>

#include <weir/coroutine/offload.h>
#include <weir/coroutine/run.h>
#include <weir/coroutine/when.h>

#include "tool/command/option_table.h"
#include "tool/command/signals.h"
#include "tool/command/talk.h"

namespace weir_tool {
namespace {

constexpr std::string_view program = "weir connect";
constexpr weir::duration a_moment = std::chrono::seconds(2);
constexpr weir::duration after_abort = std::chrono::seconds(1);
// A message of at least this size is sent from the memory that it was read into. That memory is freed before the next
// read.
constexpr std::size_t large_bytes = 64 * 1024;

message_input input_of(standard_input& from, const conversation::manner& how, const weir::framing& described) {
    return how.in ? message_input(from, *how.in) : message_input::hex(from, described.fields().limit());
}

weir::task<weir::result<weir::message>> receive_one(weir::channel& from) {
    auto one = co_await from.receive();
    co_return one;
}

// Returns the result of a helper thread. Only a cancelled task gets no result, and nothing cancels this task.
template <class T>
weir::result<T> given_by(weir::result<weir::result<T>> helper) {
    if (!helper) return helper.error();
    return *std::move(helper);
}

message_output output_of(const conversation::manner& how) {
    if (how.json) return message_output::json();
    return how.out ? message_output::framed(*how.out, how.control) : message_output::hex();
}

}  // namespace

conversation::conversation(weir::channel connection, const manner& how)
    : manner_(how), channel_(std::move(connection)), source_(input_of(input_, how, channel_.described())),
      output_(output_of(how)), before_(handed_to_kernel()), patience_([this] { abort(); }),
      last_resort_([this] { die_by(signal_); }) {}

weir::channel_limits conversation::limits(const manner& how) {
    weir::channel_limits limits;
    limits.stalled_send = how.stall;
    limits.linger_time = weir::duration::zero();  // the close does not wait for the peer
    return limits;
}

weir::task<int> conversation::run() {
    if (manner_.json) put_beginning();
    weir::task<> sending = send_all();
    weir::task<> receiving = receive();
    co_await weir::when_all(std::move(sending), std::move(receiving));
    const auto flushed = co_await channel_.flush();
    // Under TLS the end of the stream is a last record. Sending this record fails, too, when the peer takes nothing
    // more.
    if (!flushed && !send_trouble_ && !is_lost_) static_cast<void>(send_failed(flushed.error()));
    const int code = co_await sum_up();
    co_return code;
}

void conversation::interrupt(int signal) {
    signal_ = signal;
    input_.stop();
    enough_.close();
    const weir::duration patience = manner_.linger.value_or(a_moment);
    patience_.start(patience);
    last_resort_.start(patience < weir::duration::max() - after_abort ? patience + after_abort : weir::duration::max());
    if (!manner_.quiet)
        inform(program, "sending has stopped; waiting for the peer to end (a second signal ends the command)");
}

void conversation::abort() {
    look_at_taken();
    partial_at_abort_ = channel_.partial_bytes();
    if (channel_.queued_bytes() != 0) lose_untaken();
    aborted_ = true;
    abort_is_near_.close();
    enough_.close();
    give_up_sending();
}

// The kernel still sends the data that it has. If the channel still has queued data, this function resets the
// connection.
void conversation::give_up_sending() {
    input_.stop();
    if (channel_.queued_bytes() != 0) channel_.abort();
}

// ---- sending ----

weir::task<> conversation::send_all() {
    while (!input_.stopped()) {
        const auto next = source_.next();
        if (next.what == message_input::more) {
            const bool came = co_await read_more();
            if (!came) break;
        } else if (next.what == message_input::message) {
            const bool goes_on = co_await send_one(next);
            if (!goes_on) break;
        } else {
            input_ended_ = next.what == message_input::end;
            if (!input_ended_) input_failed(exit_code::usage, next.why);
            break;
        }
    }
    if (send_trouble_) co_return;
    if (input_ended_) co_await await_replies();
    end_sending();
}

// Returns false when nothing more is to be sent. Moves a large message into the channel, and waits until its memory is
// free before the next one is read.
weir::task<bool> conversation::send_one(const message_input::step& one) {
    const bool is_large = one.payload.size() >= large_bytes;
    weir::result<void> sent;
    if (is_large) {
        weir::buffer payload = source_.take(one);
        sent = co_await channel_.send(std::move(payload));
    } else {
        sent = co_await channel_.send(one.payload);
    }
    if (!sent) {
        if (send_failed(sent.error())) left_ = 1;
        co_return false;
    }
    marks_.add(channel_.stats().bytes_sent);
    if (marks_.is_full()) look_at_taken();
    if (is_large) {
        const auto flushed = co_await channel_.flush();
        static_cast<void>(flushed);  // if it fails, the next send fails too
        weir::loop::current().memory().drop_spares();
    }
    co_return true;
}

// Returns false when nothing more is to be read.
weir::task<bool> conversation::read_more() {
    if (peer_ended_ && !standard_input::has_something()) {
        // The peer may have closed the connection. To find out, this waits until the peer has acknowledged the sent
        // bytes, or sending fails.
        const auto flushed = co_await channel_.flush();
        if (!flushed) static_cast<void>(send_failed(flushed.error()));
        co_await await_taken();
        if (is_lost_ || send_trouble_) co_return false;
    }
    is_reading_ = true;
    if (peer_ended_) peer_has_ended();
    const auto read = [this] { return source_.read(); };
    auto done = co_await weir::offload(read);
    is_reading_ = false;
    for_input_.reset();
    const auto came = given_by(std::move(done));
    if (came) {
        source_.feed(*came);
    } else if (came != weir::errc::cancelled) {
        input_failed(exit_code::failure, came.error().message());
    }
    co_return static_cast<bool>(came);
}

void conversation::input_failed(int code, const std::string& why) {
    complain(program, why);
    input_trouble_ = {code, why, true};
}

// Returns true when the connection has failed, so that nothing more can be sent.
bool conversation::send_failed(const weir::error& why) {
    if (why == weir::errc::unencodable || why == weir::errc::too_large) {
        input_failed(exit_code::usage, fmt::format("message {} of the input cannot be sent as {}: {}", source_.number(),
                                                   channel_.described().to_string(), describe_cause(why)));
        return false;
    }
    send_trouble_ = {exit_code_of(why), describe_cause(why)};
    return true;
}

// --expect: the sending side stays open until the replies have arrived.
weir::task<> conversation::await_replies() {
    if (!manner_.expect) co_return;
    if (manner_.linger) patience_.start(*manner_.linger);
    if (!has_enough() && !peer_ended_) {
        const auto closed = co_await enough_.pop();
        static_cast<void>(closed);
    }
    if (has_enough()) patience_.start(manner_.linger.value_or(a_moment));
}

void conversation::end_sending() {
    channel_.shutdown_send();
    if (manner_.linger) patience_.start(*manner_.linger);
}

// ---- receiving ----

weir::task<> conversation::receive() {
    co_await receive_all();
    if (channel_.close_reason() == weir::errc::closed && !aborted_ && !output_trouble_) {
        peer_ended_ = true;
        if (is_reading_) {
            if (!standard_input::is_terminal() && !manner_.quiet)
                inform(program, "the peer has ended its sending side; the rest of the input is still sent");
            peer_has_ended();
        }
    } else {
        give_up_sending();
    }
    enough_.close();
}

// The peer may still read, so the rest of the input is sent. But the command no longer waits for input from a terminal,
// and waits at most --linger for input from a program.
void conversation::peer_has_ended() {
    if (standard_input::is_terminal()) return input_.stop_waiting();
    if (!manner_.linger) return;
    for_input_.emplace([this] { input_.stop_waiting(); });
    for_input_->start(*manner_.linger);
}

weir::task<> conversation::receive_all() {
    constexpr weir::deadline at_once{weir::time_point()};  // a time in the past
    while (!aborted_) {
        auto reply = co_await channel_.receive(at_once);
        if (!reply && channel_.close_reason() == weir::errc::none) {
            // No reply is ready, so this writes the earlier replies before it waits.
            const bool flushed = co_await flush();
            if (!flushed) co_return;
            reply = co_await next_reply();
        }
        if (!reply) break;
        const bool written = co_await write_reply(*reply);
        if (!written) break;
        if (manner_.expect && has_enough()) enough_.close();
    }
    const bool flushed = co_await flush();
    static_cast<void>(flushed);
}

// Returns false when nothing can be written any more.
weir::task<bool> conversation::write_reply(weir::bytes_view payload) {
    if (const auto begun = output_.begin(payload); !begun) {
        output_failed(begun.error());
        co_return false;
    }
    while (!output_.fill() || output_.is_full()) {
        const bool flushed = co_await flush();
        if (!flushed) co_return false;
    }
    co_return true;
}

// Returns the next reply or an error; cancelled when this side has aborted the connection.
weir::task<weir::result<weir::message>> conversation::next_reply() {
    if (aborted_) co_return weir::error(weir::errc::cancelled, "receive");
    weir::task<weir::result<weir::message>> replied = receive_one(channel_);
    weir::task<> over = no_more_patience();
    auto first = co_await weir::when_any(std::move(replied), std::move(over));
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return weir::error(weir::errc::cancelled, "receive");
}

weir::task<> conversation::no_more_patience() {
    const auto closed = co_await abort_is_near_.pop();
    static_cast<void>(closed);
}

// Returns false when nothing can be written any more.
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
    if (why == weir::errc::unencodable || why == weir::errc::too_large) {
        output_trouble_ = {exit_code::usage, fmt::format("reply {} cannot be written as {}: {}", received(),
                                                         manner_.out->to_string(), describe_cause(why))};
    } else {
        // No message if the reader has closed the pipe, as `| head -1` does.
        output_trouble_ = {exit_code::failure, why.message(), why == weir::errc::broken_pipe};
    }
}

}  // namespace weir_tool
