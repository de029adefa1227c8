// The stage on which a script plays: its sockets by name, the calls that run beside it in threads, and the answer to
// each call as one line. The calls go through weir; only what the kernel is asked about them (state.cc) does not.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/compare/names.h"
#include "tests/compare/script.h"
#include "weir/socket/socket.h"

namespace compare {

class stage {
public:
    stage();
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    // Joins what still runs: a script that leaves a call blocked for good is stopped by whoever started the driver.
    ~stage();

    // The answer to one call. Throws std::runtime_error when the script itself is wrong.
    std::string answer(std::string_view text);

    // The names of the sockets that are open, in order.
    std::vector<std::string> open_sockets() const;

    // Who got a port from the kernel that another one of this script had: `b7 f1`. Their addresses cannot be told
    // apart, so the answers compare to nothing. The ports of TCP and UDP are chosen apart, and so are those to two
    // destinations.
    std::string twice() const;

private:
    using performer = std::string (stage::*)(const call&);
    struct beside;  // a call in a thread

    static const std::map<std::string_view, performer>& verbs();

    // calls.cc: the textbook's calls.
    std::string open(const call& one);
    std::string pair(const call& one);
    std::string bind(const call& one);
    std::string listen(const call& one);
    std::string accept(const call& one);
    std::string connect(const call& one);
    std::string receive(const call& one);
    std::string receive_all(const call& one);
    std::string send(const call& one);
    std::string send_all(const call& one);
    std::string shutdown(const call& one);
    std::string close(const call& one);
    std::string release(const call& one);
    std::string local(const call& one);
    std::string peer(const call& one);
    std::string blocking(const call& one);
    // messages.cc
    std::string send_to(const call& one);
    std::string receive_from(const call& one);
    std::string hand_over(const call& one);
    std::string take_over(const call& one);
    // options.cc
    std::string set(const call& one);
    std::string get(const call& one);
    std::string set_raw(const call& one);
    std::string get_raw(const call& one);
    // state.cc: what the kernel says of a socket, and what is no call of a socket.
    std::string state(const call& one);
    std::string fill(const call& one);
    std::string drain(const call& one);
    std::string unlink(const call& one);
    std::string settle(const call& one);
    // threads.cc
    std::string start(const call& one);
    std::string asleep(const call& one);
    std::string interrupt(const call& one);
    std::string join(const call& one);

    std::string perform(std::string_view text);
    weir::socket& at(const call& one, std::size_t operand = 0);
    std::string put(const std::string& name, weir::socket made);
    // The address that a word stands for: that of a socket, or a text for weir to parse.
    weir::result<std::string> address_text(const std::string& word);
    bool has_port(const std::string& name) const;
    // The call may have given its socket an address of the kernel's choosing. Other names are ignored.
    void learn(const call& one, bool had_port);

    mutable std::mutex lock_;  // the maps; the sockets themselves are the script's responsibility
    std::map<std::string, weir::socket> sockets_;
    names names_;
    std::map<std::string, std::unique_ptr<beside>> threads_;
    std::string twice_;
};

// Answers.
std::string show(const weir::error& failure);

template <class T, class Show>
std::string show(const weir::result<T>& outcome, Show value) {
    return outcome ? std::string(value(*outcome)) : show(outcome.error());
}
inline std::string show(const weir::result<void>& outcome) { return outcome ? "ok" : show(outcome.error()); }

// One operand of a call; the script is wrong if it is missing.
const std::string& operand(const call& one, std::size_t index);
int number_operand(const call& one, std::size_t index);
bool yes_operand(const call& one, std::size_t index);
weir::deadline deadline_of(const call& one);
weir::receive_flags receive_flags_operand(const call& one, std::size_t index);
weir::send_flags send_flags_operand(const call& one, std::size_t index);

// The kernel has dealt with all that was sent over the loopback.
void settle_loopback();
std::size_t open_descriptors();

}  // namespace compare
