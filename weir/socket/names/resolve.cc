#include "weir/socket/names/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include "weir/base/text.h"
#include "weir/socket/clock.h"
#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/system_error.h"

namespace weir {
namespace {

struct free_list {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using found_list = std::unique_ptr<addrinfo, free_list>;

bool all_digits(std::string_view text) noexcept {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// getaddrinfo(3) would accept 127.1, 0x7f.1 and 2130706433 as inet_aton(3) does. These forms are refused, because no
// user intends them as addresses.
bool ends_in_number(std::string_view host) noexcept {
    if (!host.empty() && host.back() == '.') host.remove_suffix(1);
    const std::string_view label = host.substr(host.rfind('.') + 1);
    const bool is_hex = label.size() > 1 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
    return all_digits(label) || (is_hex && label.find_first_not_of("0123456789abcdefABCDEF", 2) == label.npos);
}

// Returns whether a host may be looked up as a name: it has no space, no control character, and none of the characters
// that mark other forms.
bool may_be_name(std::string_view host) noexcept {
    return !host.empty() && !ends_in_number(host) && std::all_of(host.begin(), host.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != '\x7f' &&
               std::string_view("[]%/@:*\\").find(c) == std::string_view::npos;
    });
}

// "localhost" and names below it always mean this machine, whatever other addresses it has, RFC 6761 section 6.3.
bool is_localhost(std::string_view host) noexcept { return host == "localhost" || host.ends_with(".localhost"); }

error cannot(int code, int number, std::string_view text, const std::string& what) {
    switch (code) {
        case EAI_NONAME:
        case EAI_NODATA:
        case EAI_ADDRFAMILY:
        case EAI_SERVICE: return error(errc::not_found, "resolve", std::string(text), "there is no " + what);
        case EAI_AGAIN:
            return error(errc::timed_out, "resolve", std::string(text),
                         "the name servers do not answer for the " + what + ": try again later");
        case EAI_MEMORY: return error(errc::no_memory, "resolve", std::string(text));
        case EAI_SYSTEM: return internal::error_of(number, "resolve", std::string(text));
        default:
            return error(errc::system, "resolve", std::string(text),
                         "the " + what + " could not be looked up: " + ::gai_strerror(code));
    }
}

addrinfo hints_for(socket_type type) noexcept {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = type == socket_type::datagram ? SOCK_DGRAM : SOCK_STREAM;  // the other types have no ports
    return hints;
}

// Returns the port of a service, services(5): "https" is 443.
result<std::uint16_t> service_port(std::string_view text, std::string_view service, socket_type type) {
    const std::string name(service);
    const addrinfo hints = hints_for(type);
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(nullptr, name.c_str(), &hints, &list);
    const int number = errno;
    const found_list owned(list);
    if (code != 0) return cannot(code, number, text, "service " + quote(service));
    internal::native_address native;
    std::copy_n(reinterpret_cast<const std::byte*>(list->ai_addr), list->ai_addrlen,
                reinterpret_cast<std::byte*>(native.data()));
    native.size = list->ai_addrlen;
    return native.to_address().port();
}

result<std::vector<address>> look_up(std::string_view text, std::string_view host, std::uint16_t port,
                                     socket_type type) {
    const std::string name(host);
    addrinfo hints = hints_for(type);
    if (!is_localhost(host)) hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
    const int number = errno;
    const found_list owned(list);
    if (code != 0) return cannot(code, number, text, "host " + quote(host));
    std::vector<address> found;
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
        internal::native_address native;
        if (one->ai_addrlen > internal::native_address::room) continue;
        std::copy_n(reinterpret_cast<const std::byte*>(one->ai_addr), one->ai_addrlen,
                    reinterpret_cast<std::byte*>(native.data()));
        native.size = one->ai_addrlen;
        const address made = native.to_address();
        if (!made.is_ip()) continue;
        if (std::find(found.begin(), found.end(), made.with_port(port)) == found.end())
            found.push_back(made.with_port(port));
    }
    if (found.empty()) return cannot(EAI_NONAME, 0, text, "host " + quote(host));
    return found;
}

// Turns std::bad_alloc into an error, because no exception may leave the separate thread that calls this function.
result<std::vector<address>> try_to_look_up(std::string_view text, std::string_view host, std::uint16_t port,
                                            socket_type type) noexcept {
    try {
        return look_up(text, host, port, type);
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, "resolve");
    }
}

// The state that a lookup thread shares with the waiting caller. The caller may have returned already.
struct pending_look_up {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<result<std::vector<address>>> found;
};

result<std::vector<address>> look_up_until(std::string_view text, std::string_view host, std::uint16_t port,
                                           socket_type type, deadline until) {
    if (until.is_never()) return look_up(text, host, port, type);
    const auto pending = std::make_shared<pending_look_up>();
    try {
        std::thread([pending, text = std::string(text), host = std::string(host), port, type] {
            auto found = try_to_look_up(text, host, port, type);
            const std::lock_guard lock(pending->mutex);
            pending->found = std::move(found);
            pending->done.notify_one();
        }).detach();
    } catch (const std::system_error& refused) {
        return internal::error_of(refused.code().value(), "resolve", std::string(text), "no thread could be started");
    }
    std::unique_lock lock(pending->mutex);
    // A deadline that has already passed still allows a short time, which is enough for names in a local file, such as
    // localhost.
    const time_point least = now() + std::chrono::milliseconds(10);
    pending->done.wait_until(lock, std::max(until.at(), least), [&] { return pending->found.has_value(); });
    auto& found = pending->found;
    if (found) return *std::move(found);
    return internal::error_of(ETIME, "resolve", std::string(text));
}

// [::] accepts IPv4 too, if the kernel has IPv6 at all.
std::vector<address> every_interface(std::uint16_t port) {
    if (socket::open(socket::ipv6, socket::stream)) return {address::any_ipv6(port), address::any_ipv4(port)};
    return {address::any_ipv4(port)};
}

}  // namespace

result<std::vector<address>> resolve(std::string_view text, socket_type type, deadline until) {
    const auto literal = address::parse(text);
    if (literal) return std::vector{*literal};
    const auto colon = text.rfind(':');
    if (colon == text.npos || text.starts_with("unix:"))
        return literal.error().during("resolve", std::string(literal.error().subject()));
    const std::string_view host = text.substr(0, colon);
    const std::string_view service = text.substr(colon + 1);
    std::string port(service);
    // Only a word can be the name of a service. address::parse() checks any other port and returns its own error.
    const bool is_word = !service.empty() && !all_digits(service) && may_be_name(service);
    if (is_word) {
        const auto number = service_port(text, service, type);
        if (!number) return number.error();
        port = std::to_string(*number);
        if (const auto with_number = address::parse(std::string(host) + ":" + port)) return std::vector{*with_number};
    }
    // If the host may be a name, address::parse() checks only the port; otherwise it checks the whole text.
    const bool asks = host == "*" || may_be_name(host);
    if (!asks && !host.empty() && host.find_first_of("[:") == host.npos &&
        !all_digits(host.substr(host.rfind('.') + 1))) {
        return error(errc::malformed, "resolve", std::string(literal.error().subject()),
                     quote(host) + " is neither an address nor a host name");
    }
    const auto judged = address::parse(asks ? "0.0.0.0:" + port : std::string(host) + ":" + port);
    if (!judged) return judged.error().during("resolve", std::string(literal.error().subject()));
    if (host == "*") return every_interface(judged->port());
    return look_up_until(text, host, judged->port(), type, until);
}

}  // namespace weir
