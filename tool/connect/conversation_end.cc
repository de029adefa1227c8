// How a conversation ends: which input the peer did not get, which replies did not arrive, and the report.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <weir/base/text.h>
#include <weir/coroutine/offload.h>
#include <weir/coroutine/sleep.h>

#include "tool/command/option_table.h"
#include "tool/command/talk.h"
#include "tool/connect/conversation.h"
#include "tool/terminal/json.h"
#include "tool/tls/tls_facts.h"

namespace weir_tool {
namespace {

constexpr std::string_view program = "weir connect";
// The first and the longest interval at which the kernel is asked what the peer has taken.
constexpr weir::duration first_look = std::chrono::milliseconds(1);
constexpr weir::duration last_look = std::chrono::milliseconds(50);
// The most reads of the input that are made only to count its messages.
constexpr int most_counting_reads = 256;  // of 64 KiB

}  // namespace

// Returns the bytes that TCP counts before the first frame: the SYN, and those of a handshake.
std::uint64_t conversation::handed_to_kernel() const {
    const auto view = channel_.ask_kernel();
    if (!view) return 1;
    return std::max<std::uint64_t>(view->acknowledged_bytes.value_or(0) + view->unacknowledged_bytes.value_or(0), 1);
}

// Updates the number of bytes that the peer has taken: those that TCP has acknowledged. A Unix socket has no such
// count. Under TLS the count is of records, which are longer than the frames, so the last messages may be reported as
// taken too early.
void conversation::look_at_taken() {
    const auto view = channel_.ask_kernel();
    if (!view || !view->acknowledged_bytes || !view->state) {
        is_gone_ = taken_bytes_.has_value();  // it had a count before, so the connection was closed meanwhile
        return;
    }
    const std::uint64_t acknowledged = *view->acknowledged_bytes;  // counts the FIN, too
    taken_bytes_ = std::min(acknowledged < before_ ? 0 : acknowledged - before_, channel_.stats().bytes_sent);
    is_gone_ = *view->state == weir::tcp_state::closed;
    marks_.taken(*taken_bytes_);
}

// Records that the peer will not take what is still in the kernel or queued.
void conversation::lose_untaken() {
    is_lost_ = true;
    if (taken_bytes_) untaken_ = marks_.behind(*taken_bytes_);
}

// Waits until the peer has taken everything, the connection has ended, or the peer has taken nothing for the time of
// --stall. After the peer has ended its side, only the kernel can report what it takes.
weir::task<> conversation::await_taken() {
    std::optional<std::uint64_t> before;
    weir::time_point progress = weir::loop::current().now();
    for (weir::duration pause = first_look;; pause = std::min(2 * pause, last_look)) {
        look_at_taken();
        if (!taken_bytes_ || *taken_bytes_ == channel_.stats().bytes_sent) co_return;
        if (is_gone_ || aborted_) co_return lose_untaken();
        const weir::time_point now = weir::loop::current().now();
        if (before != taken_bytes_) progress = now;
        before = taken_bytes_;
        if (manner_.stall && now >= weir::later(progress, *manner_.stall)) {
            send_trouble_ = {exit_code::timeout,
                             fmt::format("timed out: the peer took none of the sent bytes within {}",
                                         weir::format_duration(*manner_.stall))};
            co_return lose_untaken();
        }
        const auto slept = co_await weir::sleep(pause);
        static_cast<void>(slept);
    }
}

// Counts the messages of the input that were not sent because the connection is over: those that were read, and those
// that can be read without waiting.
weir::task<> conversation::count_left() {
    const bool is_connection_over = send_trouble_ || is_lost_ || channel_.close_reason() != weir::errc::closed;
    if (aborted_ || output_trouble_ || input_trouble_ || input_ended_ || signal_ != 0 || !is_connection_over) co_return;
    input_.only_what_is_there();
    for (int reads = 0;;) {
        const auto next = source_.next();
        if (next.what == message_input::message) {
            ++left_;
        } else if (next.what == message_input::more && reads++ < most_counting_reads) {
            const auto read = [this] { return source_.read(); };
            auto done = co_await weir::offload(read);
            if (!done || !*done) break;
            source_.feed(**done);
        } else {
            input_ended_ = next.what == message_input::end;
            break;
        }
    }
    is_all_counted_ =
        input_ended_ && channel_.close_reason() == weir::errc::closed;  // otherwise the queue was dropped, too
}

// Returns the close reason if it is a failure and this side has not aborted the connection.
std::optional<conversation::trouble> conversation::judge_ending() const {
    const weir::error& why = channel_.close_reason();
    if (aborted_ || output_trouble_ || why == weir::errc::closed) return {};
    return trouble{exit_code_of(why), fmt::format("{}: {}", channel_.peer().to_string(), describe_cause(why))};
}

std::uint64_t conversation::unsent() const { return left_ + untaken_; }

// Returns a failure if the peer did not get messages of the input.
std::optional<conversation::trouble> conversation::judge_unsent() const {
    // The number of unsent messages is not always known.
    const bool is_end_lost = is_lost_ || (send_trouble_ && channel_.close_reason() == weir::errc::closed);
    if (output_trouble_ || (unsent() == 0 && !is_end_lost)) return {};
    std::string cause = "the peer has closed the connection";
    if (aborted_) cause = "timed out waiting for the peer to accept more data";
    if (channel_.close_reason() != weir::errc::closed && !aborted_) cause = describe_cause(channel_.close_reason());
    if (send_trouble_) cause = send_trouble_->sentence;
    const int code = send_trouble_ ? send_trouble_->code : exit_code::failure;
    if (unsent() == 0) return trouble{code, fmt::format("the end of the input could not be sent: {}", cause)};
    return trouble{code, fmt::format("{}{} of the input could not be sent, from message {} on: {}",
                                     is_all_counted_ ? "" : "at least ", count(unsent(), "message"),
                                     source_.number() - unsent() + 1, cause)};
}

// Returns a failure if replies did not arrive, or if only a part of a reply arrived.
std::optional<conversation::trouble> conversation::judge_replies() const {
    if (output_trouble_ || input_trouble_) return {};
    const std::string peer = channel_.peer().to_string();
    if (partial_at_abort_ != 0) {
        return trouble{exit_code::timeout,
                       fmt::format("{}: {} of a reply had arrived, but not its end, when the time limit passed", peer,
                                   weir::say_size(partial_at_abort_))};
    }
    if (has_enough() || signal_ != 0) return {};
    const std::string came = fmt::format("{} of {} expected replies", received(), *manner_.expect);
    if (aborted_) return trouble{exit_code::timeout, fmt::format("{}: timed out after {}", peer, came)};
    if (channel_.close_reason() != weir::errc::closed) return {};
    return trouble{exit_code::failure, fmt::format("{}: the peer has closed the connection after {}", peer, came)};
}

weir::task<int> conversation::sum_up() {
    if (peer_ended_ && !aborted_) co_await await_taken();
    co_await count_left();
    // The first failure in this order determines the exit code.
    const std::array troubles{output_trouble_, input_trouble_, judge_ending(), judge_unsent(), judge_replies()};
    const trouble* first = nullptr;
    for (const auto& one : troubles) {
        if (!one) continue;
        if (first == nullptr) first = &*one;
        if (!one->is_said) complain(program, one->sentence);
    }
    report(first == nullptr);
    int code = first == nullptr ? exit_code::ok : first->code;
    if (signal_ != 0) code = exit_code::signalled + signal_;
    if (!manner_.json) co_return code;
    put_ending(first == nullptr ? std::string_view() : first->sentence);
    const bool shown = co_await flush();
    if (!shown && code == exit_code::ok) code = exit_code::failure;
    co_return code;
}

void conversation::report(bool went_well) const {
    if (manner_.quiet) return;
    const std::uint64_t skipped = channel_.stats().messages_skipped;
    if (skipped != 0) inform(program, fmt::format("skipped {} over the limit", count(skipped, "message")));
    if (signal_ != 0) {
        inform(program,
               fmt::format("sent {}, received {}", count(channel_.stats().messages_sent, "message"), received()));
    } else if (!input_ended_ && went_well && !aborted_) {
        inform(program, "the peer has closed the connection");
    }
}

// Adds an event with the facts of TLS, for programs that read the JSON.
void conversation::put_beginning() {
    const auto tls = tls_object(channel_.peer().facts());
    if (!tls) return;
    json_object connected("connected");
    connected.add("peer", channel_.peer().to_string()).add("tls", *tls);
    output_.put_line(connected.line());
}

void conversation::put_ending(std::string_view reason) {
    const bool by_us = aborted_ || output_trouble_.has_value();
    json_object closed("closed");
    closed.add("close_reason", word_for(by_us ? weir::errc::cancelled : channel_.close_reason().code()));
    closed.add("sent", channel_.stats().messages_sent).add("received", received());
    if (unsent() != 0) closed.add("unsent", unsent());
    if (!reason.empty()) closed.add("reason", reason);
    output_.put_line(closed.line());
}

}  // namespace weir_tool
