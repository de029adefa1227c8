// Calls that, unlike send and receive, also take or return addresses, full sizes, flags or descriptors.
#include <stdexcept>

#include "tests/compare/stage.h"

namespace compare {
namespace {

template <class Flags>
Flags flags_of(std::string_view words, std::initializer_list<std::pair<std::string_view, Flags>> known) {
    auto all = Flags::none;
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(','));
        bool found = false;
        for (const auto& [name, flag] : known) {
            if (name != word) continue;
            all = all | flag;
            found = true;
        }
        if (!found) throw std::runtime_error("no such flag: " + std::string(word));
        words.remove_prefix(std::min(words.size(), word.size() + 1));
    }
    return all;
}

}  // namespace

weir::receive_flags receive_flags_operand(const call& one, std::size_t index) {
    using weir::receive_flags;
    if (index >= one.operands.size()) return receive_flags::none;
    return flags_of<receive_flags>(operand(one, index), {{"peek", receive_flags::peek},
                                                         {"wait_all", receive_flags::wait_all},
                                                         {"out_of_band", receive_flags::out_of_band},
                                                         {"non_blocking", receive_flags::non_blocking}});
}

weir::send_flags send_flags_operand(const call& one, std::size_t index) {
    using weir::send_flags;
    if (index >= one.operands.size()) return send_flags::none;
    return flags_of<send_flags>(operand(one, index), {{"out_of_band", send_flags::out_of_band},
                                                      {"non_blocking", send_flags::non_blocking},
                                                      {"more", send_flags::more},
                                                      {"dont_route", send_flags::dont_route},
                                                      {"end_of_record", send_flags::end_of_record}});
}

// send_to SOCKET DATA ADDRESS
std::string stage::send_to(const call& one) {
    const auto peer = address_text(operand(one, 2));
    if (!peer) return show(peer.error());
    const auto parsed = weir::address::parse(*peer);
    if (!parsed) return show(parsed.error());
    return show(at(one).send_to(parse_data(operand(one, 1)), *parsed, deadline_of(one)),
                [](std::size_t count) { return std::to_string(count); });
}

// receive_from SOCKET N [FLAGS]
std::string stage::receive_from(const call& one) {
    const auto most = static_cast<std::size_t>(number_operand(one, 1));
    const auto message = at(one).receive_from(most, receive_flags_operand(one, 2), deadline_of(one));
    if (!message && message.error().code() == weir::errc::closed) return "the end";
    return show(message, [](const weir::datagram& got) {
        std::string text = show_data(got.payload.text());
        if (got.truncated()) text += " of " + std::to_string(got.full_size);
        if (got.from.family() != weir::address_family::none) text += " from " + names::show(got.from);
        return text;
    });
}

// hand_over SOCKET DATA OTHER: sends the data together with the descriptor of the other socket.
std::string stage::hand_over(const call& one) {
    weir::send_options how;
    how.descriptors({at(one, 2).fd()});
    return show(at(one).send_message(parse_data(operand(one, 1)), how, deadline_of(one)),
                [](std::size_t count) { return std::to_string(count); });
}

// NAME = take_over SOCKET N: receives data and the descriptor that was sent with it.
std::string stage::take_over(const call& one) {
    weir::receive_options how;
    how.descriptors(1);
    const auto most = static_cast<std::size_t>(number_operand(one, 1));
    auto message = at(one).receive_from(most, how, deadline_of(one));
    if (!message) return message.error().code() == weir::errc::closed ? "the end" : show(message.error());
    std::string text = show_data(message->payload.text());
    if (message->descriptors.empty()) return text + ", alone";
    auto made = weir::socket::from_fd(message->descriptors.front().release());
    if (!made) return show(made.error());
    return text + " and " + put(one.gives.at(0), std::move(*made));
}

}  // namespace compare
