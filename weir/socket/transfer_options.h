// How one call receives, sends or accepts: flags for simple cases, and two option types for sendmsg(2) and recvmsg(2).
// Build the options with their setters, never with braces. They hold values and own no descriptor. This file includes
// no system header.
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

// Flags of one receive; combine them with |.
enum class receive_flags : std::uint8_t {
    none = 0,
    peek = 1,      // MSG_PEEK: the data stays in the queue
    wait_all = 2,  // MSG_WAITALL: waits for all bytes, unless the peer ends or the deadline passes first
    // MSG_OOB: the urgent byte. With a deadline the call waits for it; 0 bytes: the peer ended its stream first
    out_of_band = 4,
    non_blocking = 8,  // MSG_DONTWAIT: errc::would_block instead of waiting, even with a deadline
};

// Flags of one send; combine them with |.
enum class send_flags : std::uint8_t {
    none = 0,
    out_of_band = 1,     // MSG_OOB: the last byte is urgent
    non_blocking = 2,    // MSG_DONTWAIT: errc::would_block instead of waiting, even with a deadline
    more = 4,            // MSG_MORE: holds the data back, more follows (TCP: at most 200 ms; UDP: same datagram)
    dont_route = 8,      // MSG_DONTROUTE: only to directly attached networks
    end_of_record = 16,  // MSG_EOR
};

// Flags of one accept; combine them with |.
enum class accept_flags : std::uint8_t {
    none = 0,
    non_blocking = 1,  // SOCK_NONBLOCK: the accepted socket is non-blocking
    keep_on_exec = 2,  // without SOCK_CLOEXEC: a program started by exec inherits the socket
};

// Returns the flags of both.
constexpr receive_flags operator|(receive_flags a, receive_flags b) noexcept {
    return static_cast<receive_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr send_flags operator|(send_flags a, send_flags b) noexcept {
    return static_cast<send_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr accept_flags operator|(accept_flags a, accept_flags b) noexcept {
    return static_cast<accept_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
// Returns true if `all` contains `one`.
constexpr bool has(receive_flags all, receive_flags one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}
constexpr bool has(send_flags all, send_flags one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}
constexpr bool has(accept_flags all, accept_flags one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

// Options of receive_from() and receive_message(). Thread safety: a value.
class receive_options {
public:
    // SCM_MAX_FD: the kernel's limit for one message.
    static constexpr std::size_t most_descriptors = 253;

    // Sets no flag and receives no descriptors. A receive_flags converts to receive_options.
    receive_options() noexcept = default;
    receive_options(receive_flags flags) noexcept : flags_(flags) {}

    // Replaces the flags.
    receive_options& flags(receive_flags flags) noexcept {
        flags_ = flags;
        return *this;
    }
    // Receives at most `most` descriptors (SCM_RIGHTS) with the message. The others are closed, and
    // received::descriptors_lost is set.
    receive_options& descriptors(std::size_t most) noexcept {
        descriptors_ = most < most_descriptors ? most : most_descriptors;
        return *this;
    }

    // Return the values that were set.
    receive_flags flags() const noexcept { return flags_; }
    std::size_t descriptors() const noexcept { return descriptors_; }

private:
    receive_flags flags_ = receive_flags::none;
    std::size_t descriptors_ = 0;
};

// Options of send_to() and send_message(). Thread safety: a value.
class send_options {
public:
    // Sets no flag, and sends to the connected peer. A send_flags converts to send_options.
    send_options() = default;
    send_options(send_flags flags) : flags_(flags) {}

    // Replaces the flags.
    send_options& flags(send_flags flags) {
        flags_ = flags;
        return *this;
    }
    // Sets the destination. The default is the connected peer.
    send_options& to(address peer) {
        to_ = std::move(peer);
        return *this;
    }
    // Sets the source address (IP_PKTINFO, IPV6_PKTINFO), which must belong to this machine; its port is ignored.
    // `from(question.to)` sends an answer from the address that the question was sent to.
    send_options& from(address here) {
        from_ = std::move(here);
        return *this;
    }
    // Sets the interface through which the message is sent, see interface_index().
    send_options& through(unsigned interface_index) {
        through_ = interface_index;
        return *this;
    }
    // Sets the hop limit of this datagram only, 0 to 255: IP_TTL or IPV6_HOPLIMIT.
    send_options& hop_limit(int hops) {
        hop_limit_ = hops;
        return *this;
    }
    // Sets the traffic class of this datagram only, 0 to 255: IP_TOS or IPV6_TCLASS.
    send_options& traffic_class(int value) {
        traffic_class_ = value;
        return *this;
    }
    // Sends these descriptors, too (SCM_RIGHTS): the peer receives duplicates. The caller keeps ownership, and the
    // descriptors must stay open until the call returns. On a stream, at least one byte of data must be sent with them.
    send_options& descriptors(std::vector<int> borrowed) {
        descriptors_ = std::move(borrowed);
        return *this;
    }
    // Sets the process that the peer sees as the sender (SCM_CREDENTIALS). Credentials other than those of this process
    // need CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID.
    send_options& sender(credentials who) {
        sender_ = who;
        return *this;
    }

    // Return the values that were set.
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
