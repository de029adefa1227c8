// Socket options: by the names in weir, and raw by level and number.
#include <charconv>
#include <stdexcept>

#include "tests/compare/stage.h"
#include "weir/socket/option.h"

namespace compare {
namespace {

using weir::socket_option;
namespace option = weir::option;

template <class T>
const socket_option<T>* find(std::string_view name, std::initializer_list<const socket_option<T>*> among) {
    for (const auto* one : among) {
        if (one->name() == name) return one;
    }
    return nullptr;
}

const socket_option<bool>* find_flag(std::string_view name) {
    return find<bool>(name, {&option::reuse_address, &option::reuse_port, &option::broadcast, &option::keep_alive,
                             &option::no_delay, &option::v6_only});
}

const socket_option<std::size_t>* find_size(std::string_view name) {
    return find<std::size_t>(name, {&option::send_buffer_bytes, &option::receive_buffer_bytes});
}

std::runtime_error no_such_option(const std::string& name) { return std::runtime_error("no such option: " + name); }

std::string seconds(const std::optional<weir::duration>& value) {
    if (!value) return "none";
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*value).count()) + "s";
}

}  // namespace

std::string stage::set(const call& one) {
    const std::string& name = operand(one, 1);
    if (const auto* flag = find_flag(name)) return show(at(one).set(*flag, yes_operand(one, 2)));
    if (const auto* size = find_size(name)) {
        return show(at(one).set(*size, static_cast<std::size_t>(number_operand(one, 2))));
    }
    if (name != option::linger.name()) throw no_such_option(name);
    std::optional<weir::duration> wait;
    if (operand(one, 2) != "none") wait = parse_duration(operand(one, 2));
    return show(at(one).set(option::linger, wait));
}

std::string stage::get(const call& one) {
    const std::string& name = operand(one, 1);
    const auto yes_or_no = [](bool value) { return value ? "yes" : "no"; };
    if (const auto* flag = find_flag(name)) return show(at(one).get(*flag), yes_or_no);
    if (name == option::accepting.name()) return show(at(one).get(option::accepting), yes_or_no);
    if (const auto* size = find_size(name)) {
        return show(at(one).get(*size), [](std::size_t value) { return std::to_string(value); });
    }
    if (name == option::linger.name()) return show(at(one).get(option::linger), seconds);
    if (name != option::error.name()) throw no_such_option(name);
    return show(at(one).get(option::error), [](const auto& value) { return value ? show(*value) : "none"; });
}

// set_raw SOCKET LEVEL NUMBER DATA
std::string stage::set_raw(const call& one) {
    return show(at(one).set_option(number_operand(one, 1), number_operand(one, 2), parse_data(operand(one, 3))));
}

// get_raw SOCKET LEVEL NUMBER BYTES
std::string stage::get_raw(const call& one) {
    const auto value = at(one).get_option(number_operand(one, 1), number_operand(one, 2),
                                          static_cast<std::size_t>(number_operand(one, 3)));
    return show(value, [](const weir::bytes& got) { return show_data(got.text()); });
}

}  // namespace compare
