// What `weir connect` does once it is connected: one task sends the messages of standard input, another writes what
// comes back, and neither waits for the other. What may block, reading and writing, is done on helper threads.
//
//     standard input -> message_input -> channel -> peer      at the end it half-closes
//     standard output <- message_output <- channel <- peer    at the end the input is sent on, while the peer takes it
//
// conversation.cc has both directions, conversation_end.cc how it ends and what is reported then.
#pragma once

#include <optional>
#include <string>

#include <weir/loop/queue.h>
#include <weir/loop/task.h>
#include <weir/stream/channel.h>

#include "countdown.h"
#include "message_input.h"
#include "message_output.h"
#include "sent_marks.h"

namespace weir_tool {

// Lives as long as run(), which is called once. Thread safety: its loop's thread alone.
class conversation {
public:
    struct manner {
        std::optional<weir::framing> in;   // none: hex
        std::optional<weir::framing> out;  // none: hex
        std::optional<weir::duration> linger;
        std::optional<weir::duration> stall;
        std::optional<std::uint64_t> expect;  // replies, until which the sending side stays open
        message_output::control control = message_output::control::escaped;
        bool json = false;
        bool quiet = false;
    };

    conversation(weir::channel connection, const manner& how);
    // What a channel for it allows: everything that takes time is bounded here, by --linger, and by --stall.
    static weir::channel_limits limits(const manner& how);

    // The exit code. Says on standard error what went wrong.
    weir::task<int> run();

    // Sends no more and half-closes. The peer has the linger time (else a moment) to end; then the connection is
    // aborted.
    void interrupt(int signal);

private:
    // What went wrong on one side.
    struct trouble {
        int code = 0;
        std::string sentence{};
        bool is_said = false;  // or nobody has to be told
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
    void lose_untaken();
    weir::task<> count_left();
    std::uint64_t unsent() const;
    std::optional<trouble> judge_ending() const;
    std::optional<trouble> judge_unsent() const;
    std::optional<trouble> judge_replies() const;
    void report(bool went_well) const;
    void put_ending(std::string_view reason);
    weir::task<int> sum_up();

    manner manner_;
    weir::channel channel_;
    standard_input input_;
    message_input source_;
    message_output output_;
    bool aborted_ = false;
    weir::queue<bool> abort_is_near_{1};  // closed by abort()
    weir::queue<bool> enough_{1};  // closed when all replies have come that are expected, or when none comes any more
    int signal_ = 0;
    bool input_ended_ = false;
    std::optional<trouble> input_trouble_;
    std::optional<trouble> send_trouble_;
    std::optional<trouble> output_trouble_;

    // Once the peer has ended its sending side.
    bool peer_ended_ = false;
    bool is_reading_ = false;
    bool is_lost_ = false;                // it takes no more of what was sent
    std::optional<countdown> for_input_;  // --linger, while nothing comes of the input

    // What was sent, and what the peer has not taken of it.
    sent_marks marks_;
    std::optional<std::uint64_t> taken_bytes_;  // of the frames; none: nobody tells
    bool is_gone_ = false;                      // the connection, when it was looked at
    std::uint64_t untaken_ = 0;                 // messages that were sent and did not arrive
    std::uint64_t left_ = 0;                    // messages of the input that were not sent at all
    bool is_all_counted_ = true;                // that is all of them
    std::uint64_t partial_at_abort_ = 0;        // bytes of a reply that was not whole

    countdown patience_;     // calls abort()
    countdown last_resort_;  // kills, when abort() did not end it: standard output is stuck
};

}  // namespace weir_tool
