// How one call receives, sends or accepts: flags for the simple ones, and two option types for sendmsg(2) and
// recvmsg(2). Built by setters, never by braces. They carry values; no descriptor is owned and no system header known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "weir/base/address.h"
#include "weir/socket/credentials.h"

namespace [[gnu::visibility("default")]] weir {

// Of one receive; combine with |.
enum class receive_flags : std::uint8_t {
    none = 0,
    peek = 1,      // MSG_PEEK: what is read stays in the queue
    wait_all = 2,  // MSG_WAITALL: all that was asked for, unless the peer ends or the deadline passes before
    // MSG_OOB: the urgent byte; with a deadline it is waited for, until the peer has ended its sending: then 0 bytes
    out_of_band = 4,
    non_blocking = 8,  // MSG_DONTWAIT: errc::would_block instead of waiting, whatever the deadline says
};

// Of one send; combine with |.
enum class send_flags : std::uint8_t {
    none = 0,
    out_of_band = 1,     // MSG_OOB: the last byte is urgent
    non_blocking = 2,    // MSG_DONTWAIT: errc::would_block instead of waiting, whatever the deadline says
    more = 4,            // MSG_MORE: hold it back, more follows (TCP: at most 200 ms; UDP: into the same datagram)
    dont_route = 8,      // MSG_DONTROUTE: only to directly attached networks
    end_of_record = 16,  // MSG_EOR
};

// Of one accept; combine with |.
enum class accept_flags : std::uint8_t {
    none = 0,
    non_blocking = 1,  // SOCK_NONBLOCK: the accepted socket is non-blocking
    keep_on_exec = 2,  // without SOCK_CLOEXEC: a program that this process becomes inherits it
};

constexpr receive_flags operator|(receive_flags a, receive_flags b) noexcept {
    return static_cast<receive_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr send_flags operator|(send_flags a, send_flags b) noexcept {
    return static_cast<send_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr accept_flags operator|(accept_flags a, accept_flags b) noexcept {
    return static_cast<accept_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
// True when `one` is among them.
constexpr bool has(receive_flags all, receive_flags one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}
constexpr bool has(send_flags all, send_flags one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}
constexpr bool has(accept_flags all, accept_flags one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

// For receive_from() and receive_message(). Thread safety: a value.
class receive_options {
public:
    // SCM_MAX_FD: what the kernel lets one message carry.
    static constexpr std::size_t most_descriptors = 253;

    receive_options() noexcept = default;
    receive_options(receive_flags flags) noexcept : flags_(flags) {}

    receive_options& flags(receive_flags flags) noexcept {
        flags_ = flags;
        return *this;
    }
    // Takes up to that many descriptors (SCM_RIGHTS) with the message. Those beyond are closed, and that is reported.
    receive_options& descriptors(std::size_t most) noexcept {
        descriptors_ = most < most_descriptors ? most : most_descriptors;
        return *this;
    }

    receive_flags flags() const noexcept { return flags_; }
    std::size_t descriptors() const noexcept { return descriptors_; }

private:
    receive_flags flags_ = receive_flags::none;
    std::size_t descriptors_ = 0;
};

// For send_to() and send_message(). Thread safety: a value.
class send_options {
public:
    send_options() = default;
    send_options(send_flags flags) : flags_(flags) {}

    send_options& flags(send_flags flags) {
        flags_ = flags;
        return *this;
    }
    // Where it goes; without it, to the connected peer.
    send_options& to(address peer) {
        to_ = std::move(peer);
        return *this;
    }
    // The address it is sent from (IP_PKTINFO, IPV6_PKTINFO), one of this machine; its port does not count. An answer
    // from where the question went: `from(question.to)`.
    send_options& from(address here) {
        from_ = std::move(here);
        return *this;
    }
    // The interface it leaves by, see interface_index().
    send_options& through(unsigned interface_index) {
        through_ = interface_index;
        return *this;
    }
    // Of this datagram alone: 0 to 255, IP_TTL or IPV6_HOPLIMIT.
    send_options& hop_limit(int hops) {
        hop_limit_ = hops;
        return *this;
    }
    // Of this datagram alone: 0 to 255, IP_TOS or IPV6_TCLASS.
    send_options& traffic_class(int value) {
        traffic_class_ = value;
        return *this;
    }
    // SCM_RIGHTS: the peer gets duplicates. Borrowed: they must stay open until the call returns, and stay ours. Over a
    // stream at least one byte of data must go with them.
    send_options& descriptors(std::vector<int> borrowed) {
        descriptors_ = std::move(borrowed);
        return *this;
    }
    // SCM_CREDENTIALS: other than this process's own only with CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID.
    send_options& sender(credentials who) {
        sender_ = who;
        return *this;
    }

    send_flags flags() const noexcept { return flags_; }
    const address& to() const noexcept { return to_; }
    const address& from() const noexcept { return from_; }
    unsigned through() const noexcept { return through_; }
    std::optional<int> hop_limit() const noexcept { return hop_limit_; }
    std::optional<int> traffic_class() const noexcept { return traffic_class_; }
    std::span<const int> descriptors() const noexcept { return descriptors_; }
    const std::optional<credentials>& sender() const noexcept { return sender_; }

private:
    send_flags flags_ = send_flags::none;
    address to_;
    address from_;
    unsigned through_ = 0;
    std::optional<int> hop_limit_;
    std::optional<int> traffic_class_;
    std::vector<int> descriptors_;
    std::optional<credentials> sender_;
};

}  // namespace weir
