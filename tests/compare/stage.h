// The state of a running script: its sockets by name, and the calls that run in threads. The answer to each call is one
// line. The calls go through weir; the queries to the kernel in state.cc do not.
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
    // Joins the threads that still run. If a call blocks for ever, compare.py stops the driver.
    ~stage();

    // Makes one call and returns its answer. Throws std::runtime_error when the script itself is wrong.
    std::string answer(std::string_view text);

    // Returns the names of the open sockets, sorted.
    std::vector<std::string> open_sockets() const;

    // Returns the names of two sockets for which the kernel chose the same port, such as `b7 f1`, or an empty text if
    // there are none. Their addresses cannot be distinguished, so the answers cannot be compared. The kernel chooses
    // ports independently for TCP and UDP, and for different destinations.
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
    // state.cc: the state of a socket in the kernel, and verbs that are not socket calls.
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
    // Returns the address that a word means: the address of the socket with this name, or a text for weir to parse.
    weir::result<std::string> address_text(const std::string& word);
    bool has_port(const std::string& name) const;
    // Records the address that the kernel may have chosen for the socket of this call. Other names are ignored.
    void learn(const call& one, bool had_port);

    mutable std::mutex lock_;  // protects the maps, but not the sockets in them
    std::map<std::string, weir::socket> sockets_;
    names names_;
    std::map<std::string, std::unique_ptr<beside>> threads_;
    std::string twice_;
};

// Return an answer as text.
std::string show(const weir::error& failure);

template <class T, class Show>
std::string show(const weir::result<T>& outcome, Show value) {
    return outcome ? std::string(value(*outcome)) : show(outcome.error());
}
inline std::string show(const weir::result<void>& outcome) { return outcome ? "ok" : show(outcome.error()); }

// Return one operand of a call. Throw std::runtime_error if it is missing.
const std::string& operand(const call& one, std::size_t index);
int number_operand(const call& one, std::size_t index);
bool yes_operand(const call& one, std::size_t index);
weir::deadline deadline_of(const call& one);
weir::receive_flags receive_flags_operand(const call& one, std::size_t index);
weir::send_flags send_flags_operand(const call& one, std::size_t index);

// Waits until the kernel has processed everything that was sent over the loopback.
void settle_loopback();
std::size_t open_descriptors();

}  // namespace compare
