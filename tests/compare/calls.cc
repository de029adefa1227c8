// Performs the textbook's calls when a script makes them.
#include <stdexcept>

#include "tests/compare/stage.h"

namespace compare {
namespace {

weir::address_family family_operand(const call& one, std::size_t index) {
    const std::string& word = operand(one, index);
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6, weir::socket::local}) {
        if (word == to_string(family)) return family;
    }
    throw std::runtime_error("no such family: " + word);
}

weir::socket_type type_operand(const call& one, std::size_t index) {
    const std::string& word = operand(one, index);
    if (word == "stream") return weir::socket::stream;
    if (word == "datagram") return weir::socket::datagram;
    if (word == "seqpacket") return weir::socket::seqpacket;
    if (word == "raw") return weir::socket::raw;
    throw std::runtime_error("no such type: " + word);
}

weir::half half_operand(const call& one, std::size_t index) {
    const std::string& word = operand(one, index);
    if (word == "send") return weir::half::send;
    if (word == "receive") return weir::half::receive;
    if (word == "both") return weir::half::both;
    throw std::runtime_error("no such half: " + word);
}

const std::string& given(const call& one, std::size_t index = 0) {
    if (index >= one.gives.size()) throw std::runtime_error("a name is missing: NAME = " + one.verb);
    return one.gives[index];
}

}  // namespace

std::string stage::open(const call& one) {
    auto made = weir::socket::open(family_operand(one, 0), type_operand(one, 1),
                                   one.operands.size() > 2 ? number_operand(one, 2) : 0);
    if (!made) return show(made.error());
    return put(given(one), std::move(*made));
}

std::string stage::pair(const call& one) {
    auto made = weir::socket_pair(type_operand(one, 0));
    if (!made) return show(made.error());
    put(given(one), std::move(made->first));
    put(given(one, 1), std::move(made->second));
    return given(one) + " " + given(one, 1);
}

std::string stage::bind(const call& one) {
    const auto here = address_text(operand(one, 1));
    return show(here ? at(one).bind(*here) : here.error());
}

std::string stage::listen(const call& one) {
    return show(one.operands.size() > 1 ? at(one).listen(number_operand(one, 1)) : at(one).listen());
}

std::string stage::accept(const call& one) {
    auto accepted = at(one).accept(deadline_of(one));
    if (!accepted) return show(accepted.error());
    put(given(one), std::move(accepted->connection));
    return given(one) + " from " + names::show(accepted->peer);
}

std::string stage::connect(const call& one) {
    const auto peer = address_text(operand(one, 1));
    return show(peer ? at(one).connect(*peer, deadline_of(one)) : peer.error());
}

std::string stage::receive(const call& one) {
    const auto most = static_cast<std::size_t>(number_operand(one, 1));
    const auto data = at(one).receive(most, receive_flags_operand(one, 2), deadline_of(one));
    return show(data, [](const weir::bytes& arrived) { return show_data(arrived.text()); });
}

// Receives until the end of the stream. The deadline of the script applies to each receive.
std::string stage::receive_all(const call& one) {
    std::string all;
    for (;;) {
        const auto data = at(one).receive(65536, deadline_of(one));
        if (!data) return show_data(all) + ", then " + show(data.error());
        if (data->empty()) return show_data(all) + ", then the end";
        all += data->text();
    }
}

std::string stage::send(const call& one) {
    const std::string data = parse_data(operand(one, 1));
    return show(at(one).send(data, send_flags_operand(one, 2), deadline_of(one)),
                [](std::size_t count) { return std::to_string(count); });
}

std::string stage::send_all(const call& one) {
    const std::string data = parse_data(operand(one, 1));
    return show(at(one).send_all(data, deadline_of(one)));
}

std::string stage::shutdown(const call& one) { return show(at(one).shutdown(half_operand(one, 1))); }

std::string stage::close(const call& one) { return show(at(one).close()); }

// Checks that the released descriptor still works. A new socket takes it over and closes it.
std::string stage::release(const call& one) {
    const int fd = at(one).release();
    if (fd < 0) return "nothing";
    auto again = weir::socket::from_fd(fd);
    if (!again) return show(again.error());
    return put(given(one), std::move(*again));
}

std::string stage::local(const call& one) { return show(at(one).local_address(), names::show); }

std::string stage::peer(const call& one) { return show(at(one).peer_address(), names::show); }

std::string stage::blocking(const call& one) { return show(at(one).set_blocking(yes_operand(one, 1))); }

}  // namespace compare
