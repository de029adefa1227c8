// What `weir connect` does once it is connected: one thread sends the messages of standard input, another writes what
// comes back, and neither waits for the other.
//
//     standard input -> message_input -> channel -> peer      the sending thread; at the end it half-closes
//     standard output <- message_output <- channel <- peer    the thread that calls run(); it ends with the peer
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include <weir/stream/blocking_channel.h>

#include "countdown.h"
#include "message_input.h"
#include "message_output.h"

namespace weir_tool {

// Thread safety: run() once; interrupt() from another thread at any time.
class conversation {
public:
    struct manner {
        std::optional<weir::framing> in;   // none: hex
        std::optional<weir::framing> out;  // none: hex
        std::optional<weir::duration> linger;
        bool json = false;
        bool quiet = false;
    };

    conversation(weir::socket connection, const weir::framing& described, const manner& how);

    // The exit code. Says on standard error what went wrong.
    int run();

    // Sends no more and half-closes; the peer has the linger time (else a moment) to end, then the connection is cut.
    void interrupt(int signal);

private:
    // What went wrong on one side. Each is written by one thread and read when that has ended.
    struct trouble {
        int code = 0;
        std::string sentence{};
        bool silent = false;  // not for a person
    };

    void send_all();
    bool send(weir::bytes_view payload);
    void receive_all();
    bool write(const weir::message& reply);
    void output_failed(const weir::error& why);
    void cut();
    void end_sending();

    std::optional<trouble> judge_ending() const;
    int sum_up();

    manner manner_;
    weir::blocking_channel channel_;
    standard_input input_;
    message_input source_;
    message_output output_;
    std::atomic<bool> cut_{false};
    std::atomic<int> signal_{0};
    bool input_ended_ = false;
    std::optional<trouble> input_trouble_;
    std::optional<trouble> send_trouble_;
    std::optional<trouble> output_trouble_;
    countdown patience_;     // cuts; last, like the next: their threads use the others
    countdown last_resort_;  // kills, if even the cut did not end it: standard output is stuck
};

}  // namespace weir_tool
