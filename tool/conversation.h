// What `weir connect` does once it is connected: one task sends the messages of standard input, another writes what
// comes back, and neither waits for the other. What may block, reading and writing, is done on helper threads.
//
//     standard input -> message_input -> channel -> peer      at the end it half-closes
//     standard output <- message_output <- channel <- peer    it ends with the peer
#pragma once

#include <optional>
#include <string>

#include <weir/loop/queue.h>
#include <weir/loop/task.h>
#include <weir/stream/channel.h>

#include "countdown.h"
#include "message_input.h"
#include "message_output.h"

namespace weir_tool {

// Lives as long as run(), which is called once. Thread safety: its loop's thread alone.
class conversation {
public:
    struct manner {
        std::optional<weir::framing> in;   // none: hex
        std::optional<weir::framing> out;  // none: hex
        std::optional<weir::duration> linger;
        bool json = false;
        bool quiet = false;
    };

    conversation(weir::channel connection, const manner& how);
    // What a channel for it allows: everything that takes time is bounded here, by --linger.
    static weir::channel_limits limits();

    // The exit code. Says on standard error what went wrong.
    weir::task<int> run();

    // Sends no more and half-closes; the peer has the linger time (else a moment) to end, then the connection is cut.
    void interrupt(int signal);

private:
    // What went wrong on one side.
    struct trouble {
        int code = 0;
        std::string sentence{};
        bool silent = false;  // not for a person
    };

    weir::task<> send_all();
    weir::task<bool> read_more();
    void input_failed(int code, const std::string& why);
    bool send_failed(const weir::error& why);
    weir::task<> receive();
    weir::task<> receive_all();
    weir::task<weir::result<weir::message>> next_reply();
    weir::task<> no_more_patience();
    weir::task<bool> flush();
    void output_failed(const weir::error& why);
    void cut();
    void give_up_sending();
    void end_sending();

    std::optional<trouble> judge_ending() const;
    weir::task<int> sum_up();

    manner manner_;
    weir::channel channel_;
    standard_input input_;
    message_input source_;
    message_output output_;
    bool cut_ = false;
    weir::queue<bool> cut_is_near_{1};  // closed by the cut
    int signal_ = 0;
    bool input_ended_ = false;
    std::optional<trouble> input_trouble_;
    std::optional<trouble> send_trouble_;
    std::optional<trouble> output_trouble_;
    countdown patience_;     // cuts
    countdown last_resort_;  // kills, if even the cut did not end it: standard output is stuck
};

}  // namespace weir_tool
