// What `weir connect` does after it has connected. One task sends the messages of standard input, another writes the
// replies, and neither waits for the other. Helper threads do the reading and writing, because these calls may block.
//
//     standard input -> message_input -> channel -> peer     at the end of the input: half-close
//     standard output <- message_output <- channel <- peer   at the end of the replies: the input is still sent
//
// conversation.cc has both directions; conversation_end.cc has the end and the report.
#pragma once

#include <optional>
#include <string>

#include <weir/coroutine/queue.h>
#include <weir/coroutine/run.h>
#include <weir/coroutine/task.h>
#include <weir/stream/channel.h>

#include "tool/connect/countdown.h"
#include "tool/connect/message_input.h"
#include "tool/connect/message_output.h"
#include "tool/connect/sent_marks.h"

namespace weir_tool {

// The object must exist until run() returns. Call run() once. Thread safety: its loop's thread alone.
class conversation {
public:
    struct manner {
        std::optional<weir::framing> in;   // none: hex
        std::optional<weir::framing> out;  // none: hex
        std::optional<weir::duration> linger;
        std::optional<weir::duration> stall;
        std::optional<std::uint64_t> expect;  // the sending side stays open for this number of replies
        message_output::control control = message_output::control::escaped;
        bool json = false;
        bool quiet = false;
    };

    conversation(weir::channel connection, const manner& how);
    // Returns the limits of a channel for a conversation. --stall bounds its sends; --linger bounds the end of a
    // conversation.
    static weir::channel_limits limits(const manner& how);

    // Returns the exit code. Prints errors to standard error.
    weir::task<int> run();

    // Sends no further messages and half-closes. If the peer does not close its side within the linger time (two
    // seconds by default), the connection is aborted.
    void interrupt(int signal);

private:
    // A failure of one side.
    struct trouble {
        int code = 0;
        std::string sentence{};
        bool is_said = false;  // the message was printed, or none is needed
    };

    weir::task<> send_all();
    weir::task<bool> send_one(const message_input::step& one);
    weir::task<bool> read_more();
    void input_failed(int code, const std::string& why);
    bool send_failed(const weir::error& why);
    weir::task<> await_replies();
    weir::task<> receive();
    weir::task<> receive_all();
    weir::task<bool> write_reply(weir::bytes_view payload);
    weir::task<weir::result<weir::message>> next_reply();
    weir::task<> no_more_patience();
    weir::task<bool> flush();
    void output_failed(const weir::error& why);
    void peer_has_ended();
    void abort();
    void give_up_sending();
    void end_sending();

    std::uint64_t received() const { return channel_.stats().messages_received; }
    bool has_enough() const { return !manner_.expect || received() >= *manner_.expect; }
    weir::task<> await_taken();
    void look_at_taken();
    std::uint64_t handed_to_kernel() const;
    void lose_untaken();
    weir::task<> count_left();
    std::uint64_t unsent() const;
    std::optional<trouble> judge_ending() const;
    std::optional<trouble> judge_unsent() const;
    std::optional<trouble> judge_replies() const;
    void report(bool went_well) const;
    void put_beginning();
    void put_ending(std::string_view reason);
    weir::task<int> sum_up();

    manner manner_;
    weir::channel channel_;
    standard_input input_;
    message_input source_;
    message_output output_;
    bool aborted_ = false;
    weir::queue<bool> abort_is_near_{1};  // closed by abort()
    weir::queue<bool> enough_{1};         // closed when the expected replies have arrived, or no more can arrive
    int signal_ = 0;
    bool input_ended_ = false;
    std::optional<trouble> input_trouble_;
    std::optional<trouble> send_trouble_;
    std::optional<trouble> output_trouble_;

    // Set when the peer has ended its sending side.
    bool peer_ended_ = false;
    bool is_reading_ = false;
    bool is_lost_ = false;                // the peer will not take the rest of what was sent
    std::optional<countdown> for_input_;  // --linger, while no input arrives

    // What was sent, and what the peer has taken.
    sent_marks marks_;
    const std::uint64_t before_;                // bytes that TCP counts before the frames: the SYN, a handshake
    std::optional<std::uint64_t> taken_bytes_;  // of the frames; none if the kernel reports no number
    bool is_gone_ = false;                      // the connection was closed at the last look
    std::uint64_t untaken_ = 0;                 // messages that were sent and not taken
    std::uint64_t left_ = 0;                    // messages of the input that were not sent at all
    bool is_all_counted_ = true;                // whether left_ counts all of them
    std::uint64_t partial_at_abort_ = 0;        // bytes of a partial reply

    countdown patience_;     // calls abort()
    countdown last_resort_;  // ends the process if abort() did not, because standard output is stuck
};

}  // namespace weir_tool
