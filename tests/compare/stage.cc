#include "tests/compare/stage.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tests/compare/threads.h"
#include "weir/socket/clock.h"

namespace compare {
namespace {

// Returns a word for each error that has its own class in Python; driver.py prints the same word for that class.
const char* word_for(weir::errc code) {
    switch (code) {
        case weir::errc::broken_pipe: return " broken_pipe";
        case weir::errc::reset: return " reset";
        case weir::errc::refused: return " refused";
        case weir::errc::would_block: return " would_block";
        case weir::errc::timed_out: return " timed_out";
        case weir::errc::not_permitted: return " not_permitted";
        case weir::errc::not_found: return " not_found";
        default: return "";
    }
}

}  // namespace

stage::stage() = default;
stage::~stage() = default;

const std::map<std::string_view, stage::performer>& stage::verbs() {
    static const std::map<std::string_view, performer> table{
        {"open", &stage::open},
        {"pair", &stage::pair},
        {"bind", &stage::bind},
        {"listen", &stage::listen},
        {"accept", &stage::accept},
        {"connect", &stage::connect},
        {"receive", &stage::receive},
        {"receive_all", &stage::receive_all},
        {"send", &stage::send},
        {"send_all", &stage::send_all},
        {"shutdown", &stage::shutdown},
        {"close", &stage::close},
        {"release", &stage::release},
        {"local", &stage::local},
        {"peer", &stage::peer},
        {"blocking", &stage::blocking},
        {"send_to", &stage::send_to},
        {"receive_from", &stage::receive_from},
        {"hand_over", &stage::hand_over},
        {"take_over", &stage::take_over},
        {"set", &stage::set},
        {"get", &stage::get},
        {"set_raw", &stage::set_raw},
        {"get_raw", &stage::get_raw},
        {"state", &stage::state},
        {"fill", &stage::fill},
        {"drain", &stage::drain},
        {"unlink", &stage::unlink},
        {"settle", &stage::settle},
        {"start", &stage::start},
        {"asleep", &stage::asleep},
        {"interrupt", &stage::interrupt},
        {"join", &stage::join},
    };
    return table;
}

std::string stage::answer(std::string_view text) {
    const std::string said = perform(text);
    const std::scoped_lock guard(lock_);
    return names_.resolve(said);
}

std::string stage::perform(std::string_view text) {
    const call one = parse_call(text);
    const auto found = verbs().find(one.verb);
    if (found == verbs().end()) throw std::runtime_error("no such call: " + std::string(text));
    const bool had_port = !one.operands.empty() && has_port(one.operands.front());
    std::string said = (this->*found->second)(one);
    if (!one.operands.empty()) learn(one, had_port);
    return said;
}

std::vector<std::string> stage::open_sockets() const {
    const std::scoped_lock guard(lock_);
    std::vector<std::string> open;
    for (const auto& [name, one] : sockets_) {
        if (one.is_open()) open.push_back(name);
    }
    return open;
}

weir::socket& stage::at(const call& one, std::size_t index) {
    const std::scoped_lock guard(lock_);
    const auto found = sockets_.find(operand(one, index));
    if (found == sockets_.end()) throw std::runtime_error("no such socket: " + operand(one, index));
    return found->second;
}

std::string stage::put(const std::string& name, weir::socket made) {
    const std::scoped_lock guard(lock_);
    sockets_[name] = std::move(made);
    return name;
}

weir::result<std::string> stage::address_text(const std::string& word) {
    const std::scoped_lock guard(lock_);
    const auto found = sockets_.find(word);
    if (found == sockets_.end()) return names::mark(word);
    const auto here = found->second.local_address();
    if (!here) return here.error();
    return here->to_string();
}

std::string stage::twice() const {
    const std::scoped_lock guard(lock_);
    return twice_;
}

bool stage::has_port(const std::string& name) const {
    const std::scoped_lock guard(lock_);
    const auto found = sockets_.find(name);
    if (found == sockets_.end()) return false;
    const auto here = found->second.local_address();
    return here && here->is_ip() && here->port() != 0;
}

void stage::learn(const call& one, bool had_port) {
    const std::scoped_lock guard(lock_);
    const std::string& name = one.operands.front();
    const auto found = sockets_.find(name);
    if (found == sockets_.end()) return;
    const auto here = found->second.local_address();
    if (!here || (here->is_ip() ? here->port() == 0 : !here->is_abstract())) return;
    const std::string known = names_.owner(*here);
    const bool is_wanted = one.verb == "bind" && !operand(one, 1).ends_with(":0");
    if (here->is_ip() && !had_port && !is_wanted && !known.empty()) twice_ = name + " " + known;
    const auto owner = sockets_.find(known);
    // A port is free again once its owner is closed, refused or reset.
    if (owner != sockets_.end()) {
        const auto owned = owner->second.local_address();
        if (owned && owned->family() == here->family() && owned->port() == here->port()) return;
    }
    names_.learn(*here, name);
}

std::string show(const weir::error& failure) {
    const int number = failure.system_code();
    if (number == ETIME) return "error timed_out";
    if (number == 0) return "error -" + std::string(*word_for(failure.code()) ? word_for(failure.code()) : " invalid");
    const char* const symbol = ::strerrorname_np(number);
    return "error " + std::string(symbol != nullptr ? symbol : "?") + word_for(failure.code());
}

const std::string& operand(const call& one, std::size_t index) {
    if (index >= one.operands.size()) throw std::runtime_error("an operand is missing: " + one.verb);
    return one.operands[index];
}

int number_operand(const call& one, std::size_t index) { return std::stoi(operand(one, index)); }

bool yes_operand(const call& one, std::size_t index) {
    const std::string& word = operand(one, index);
    if (word != "yes" && word != "no") throw std::runtime_error("yes or no, not " + word);
    return word == "yes";
}

weir::deadline deadline_of(const call& one) { return one.patience ? weir::within(*one.patience) : weir::deadline(); }

}  // namespace compare
