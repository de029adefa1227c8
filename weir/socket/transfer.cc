// The members of `socket` that move bytes. They map flags, options and deadlines to recvmsg(2) and sendmsg(2).
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "weir/socket/internal/advice.h"
#include "weir/socket/internal/ancillary.h"
#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/send_timeout.h"
#include "weir/socket/internal/system_error.h"
#include "weir/socket/internal/wait.h"
#include "weir/socket/socket.h"

namespace weir {
namespace {

int native_flags(receive_flags how) noexcept {
    return (has(how, receive_flags::peek) ? MSG_PEEK : 0) | (has(how, receive_flags::wait_all) ? MSG_WAITALL : 0) |
           (has(how, receive_flags::out_of_band) ? MSG_OOB : 0) |
           (has(how, receive_flags::non_blocking) ? MSG_DONTWAIT : 0);
}

int native_flags(send_flags how) noexcept {
    return MSG_NOSIGNAL | (has(how, send_flags::out_of_band) ? MSG_OOB : 0) |
           (has(how, send_flags::non_blocking) ? MSG_DONTWAIT : 0) | (has(how, send_flags::more) ? MSG_MORE : 0) |
           (has(how, send_flags::dont_route) ? MSG_DONTROUTE : 0) | (has(how, send_flags::end_of_record) ? MSG_EOR : 0);
}

// Returns whether SO_OOBINLINE is set. If it is set, an urgent byte is part of the stream, and MSG_OOB never returns
// it.
bool reads_in_line(int fd) noexcept {
    int number = 0;
    socklen_t size = sizeof number;
    return ::getsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &number, &size) == 0 && number != 0;
}

// Returns what a plain receive returns at the end of the stream: 0, or a negative errno value. Bytes before the end
// stay in the queue.
ssize_t end_of_connection(int fd) noexcept {
    std::byte next;
    const ssize_t count = ::recv(fd, &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && errno != EAGAIN ? -errno : 0;
}

// Repeats `call(flags)`, a system call that moves bytes, until it succeeds, fails, or the deadline passes. Returns its
// result, or a negative errno value.
template <class Call>
ssize_t transfer(int fd, internal::readiness wanted, int flags, deadline until, Call call) noexcept {
    const bool waits = !until.is_never() && (flags & MSG_DONTWAIT) == 0;
    if (waits) flags |= MSG_DONTWAIT;
    for (;;) {
        const ssize_t moved = call(flags);
        if (moved >= 0) return moved;
        if (errno == EINTR) continue;
        // EINVAL: no urgent byte has been announced yet, tcp(7) and unix(7).
        const bool is_urgent = wanted == internal::readiness::urgent;
        const bool nothing_yet = errno == EAGAIN || (is_urgent && errno == EINVAL);
        if (!nothing_yet || !waits) return -errno;
        if (is_urgent && reads_in_line(fd)) return -EINVAL;
        if (is_urgent && internal::is_past_urgent(fd)) return end_of_connection(fd);
        if (const int number = internal::wait_until(fd, wanted, until); number != 0) return -number;
    }
}

// Sends several pieces, and keeps track of what is still unsent. A system call gets a limited number of pieces, the
// window.
class gather {
public:
    explicit gather(std::span<const bytes_view> pieces) noexcept : pieces_(pieces) {
        for (const auto piece : pieces) left_ += piece.size();
    }

    std::size_t left() const noexcept { return left_; }

    // Sends as much as fits into the window, with one system call.
    ssize_t send(int fd, int flags) noexcept {
        std::array<iovec, 16> window{};
        std::size_t count = 0;
        std::size_t offset = offset_;
        for (std::size_t i = first_; i < pieces_.size() && count < window.size(); ++i) {
            const bytes_view rest = pieces_[i].from(offset);
            offset = 0;
            if (!rest.empty()) window[count++] = {const_cast<std::byte*>(rest.data()), rest.size()};
        }
        if (count <= 1) return ::send(fd, window[0].iov_base, window[0].iov_len, flags);
        msghdr message{};
        message.msg_iov = window.data();
        message.msg_iovlen = count;
        return ::sendmsg(fd, &message, flags);
    }

    void sent(std::size_t count) noexcept {
        left_ -= count;
        offset_ += count;
        while (first_ < pieces_.size() && offset_ >= pieces_[first_].size()) offset_ -= pieces_[first_++].size();
    }

private:
    std::span<const bytes_view> pieces_;
    std::size_t first_ = 0;   // the piece that is being sent
    std::size_t offset_ = 0;  // how much of that piece was sent
    std::size_t left_ = 0;
};

// A sendmsg(2) that waits in the kernel until a deadline, for sockets for which poll(2) cannot wait.
struct message_to_send {
    int fd;
    const msghdr* header;
    int flags;
    ssize_t sent;

    static int once(void* data) {
        auto& self = *static_cast<message_to_send*>(data);
        self.sent = ::sendmsg(self.fd, self.header, self.flags);
        return self.sent < 0 ? errno : 0;
    }
};

std::vector<iovec> vectors_of(std::span<const bytes_view> pieces) {
    std::vector<iovec> made;
    made.reserve(pieces.size());
    for (const auto piece : pieces) made.push_back({const_cast<std::byte*>(piece.data()), piece.size()});
    return made;
}

const char* hint_on_receive(int number, receive_flags how) noexcept {
    const bool urgent = has(how, receive_flags::out_of_band);
    return urgent && number == EINVAL ? "no out-of-band byte is waiting, or it is received in line" : "";
}

}  // namespace

// Receiving.

result<bytes> socket::receive(std::size_t most, receive_flags how, deadline until) {
    bytes arrived(most);
    const auto count = receive(arrived.span(), how, until);
    if (!count) return count.error();
    arrived.resize(*count);
    return arrived;
}

result<std::size_t> socket::receive(std::span<std::byte> into, receive_flags how, deadline until) {
    if (into.empty()) {
        return error(errc::invalid, "receive", {},
                     "the buffer is empty: 0 received bytes would mean the end of the stream");
    }
    // MSG_WAITALL ends early at a signal, and has no effect with a deadline, so the bytes are collected here.
    const bool collects = has(how, receive_flags::wait_all) && type_ == stream;
    if (collects && has(how, receive_flags::peek) && !until.is_never()) {
        return error(errc::invalid, "receive", {}, "peek with wait_all cannot have a deadline");
    }
    const internal::readiness wanted =
        has(how, receive_flags::out_of_band) ? internal::readiness::urgent : internal::readiness::readable;
    std::size_t have = 0;
    for (;;) {
        const ssize_t count = transfer(fd(), wanted, native_flags(how), until, [&](int flags) {
            return ::recv(fd(), into.data() + have, into.size() - have, flags);
        });
        if (count < 0 && have == 0) {
            const int number = static_cast<int>(-count);
            return failed(number, "receive", hint_on_receive(number, how));
        }
        if (count > 0) have += static_cast<std::size_t>(count);
        if (count <= 0 || !collects || have == into.size() || has(how, receive_flags::peek)) return have;
    }
}

result<weir::datagram> socket::receive_from(std::size_t most, const receive_options& how, deadline until) {
    bytes payload(most);
    auto about = receive_message(payload.span(), how, until);
    if (!about) return about.error();
    payload.resize(about->size);
    weir::datagram made;
    static_cast<received&>(made) = std::move(*about);
    made.payload = std::move(payload);
    return made;
}

result<received> socket::receive_message(std::span<const std::span<std::byte>> into, const receive_options& how,
                                         deadline until) {
    std::vector<iovec> vectors;
    vectors.reserve(into.size());
    received about;
    std::size_t most = 0;
    for (const auto piece : into) {
        vectors.push_back({piece.data(), piece.size()});
        most += piece.size();
    }
    if (type_ == stream && most == 0) {
        return error(errc::invalid, "receive", {},
                     "the buffer is empty: 0 received bytes would mean the end of the stream");
    }
    if (family_ == local && type_ != stream && !marks_packets_) {
        const int yes = 1;
        if (::setsockopt(fd(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0) return failed(errno, "receive");
        marks_packets_ = true;
    }
    about.descriptors.reserve(how.descriptors());
    internal::native_address from;
    msghdr header{};
    internal::ancillary beside = internal::ancillary::incoming(how.descriptors());
    // MSG_TRUNC returns the full length of the datagram. On a TCP socket it would drop the bytes, tcp(7).
    const int extra = MSG_CMSG_CLOEXEC | (type_ == stream ? 0 : MSG_TRUNC);
    const internal::readiness wanted =
        has(how.flags(), receive_flags::out_of_band) ? internal::readiness::urgent : internal::readiness::readable;
    const ssize_t count = transfer(fd(), wanted, native_flags(how.flags()) | extra, until, [&](int flags) {
        header = msghdr{};
        header.msg_name = from.data();
        header.msg_namelen = internal::native_address::room;
        header.msg_iov = vectors.data();
        header.msg_iovlen = vectors.size();
        beside.attach(header);
        const ssize_t came = ::recvmsg(fd(), &header, flags);
        if (came < 0) {
            header.msg_namelen = 0;
            header.msg_controllen = 0;
        }
        return came;
    });
    if (count < 0)
        return failed(static_cast<int>(-count), "receive", hint_on_receive(static_cast<int>(-count), how.flags()));
    internal::ancillary::take(header, how.descriptors(), about);
    // If nothing was received, there is neither a sender (IP) nor a time of arrival (Unix).
    const bool is_end = count == 0 && header.msg_namelen == 0 && !about.arrived;
    if (is_end) return error(errc::closed, "receive", std::string(failed(0, "receive").subject()));
    about.full_size = static_cast<std::size_t>(count);
    about.size = std::min(about.full_size, most);
    if (header.msg_namelen != 0) {
        from.size = header.msg_namelen;
        about.from = from.to_address();
    }
    return about;
}

// Sending.

result<std::size_t> socket::send(bytes_view data, send_flags how, deadline until) {
    const ssize_t count = transfer(fd(), internal::readiness::writable, native_flags(how), until,
                                   [&](int flags) { return ::send(fd(), data.data(), data.size(), flags); });
    if (count >= 0) return static_cast<std::size_t>(count);
    const int number = static_cast<int>(-count);
    return failed(number, "send", internal::advice_on_send(number, {}));
}

result<std::size_t> socket::send_to(bytes_view data, const address& peer, deadline until) {
    return send_message(std::span<const bytes_view>(&data, 1), send_options().to(peer), until);
}

result<std::size_t> socket::send_message(std::span<const bytes_view> pieces, const send_options& how, deadline until) {
    const bool has_peer = how.to().family() != address_family::none;
    const std::string subject = has_peer ? how.to().to_string() : std::string();
    auto beside = internal::ancillary::outgoing(how, family_ == ipv6);
    if (!beside) return beside.error();
    internal::native_address peer;
    if (has_peer) {
        const auto native = internal::native_address::of(how.to());
        if (!native) return native.error().during("send", subject);
        peer = *native;
    }
    auto vectors = vectors_of(pieces);
    msghdr header{};
    if (has_peer) {
        header.msg_name = peer.data();
        header.msg_namelen = peer.size;
    }
    header.msg_iov = vectors.data();
    header.msg_iovlen = vectors.size();
    beside->attach(header);
    const int wanted_flags = native_flags(how.flags());
    // poll(2) does not report room in the queue of a Unix socket that this one is not connected to.
    const bool timed = family_ == local && has_peer && !until.is_never();
    ssize_t count = transfer(fd(), internal::readiness::writable, timed ? wanted_flags | MSG_DONTWAIT : wanted_flags,
                             until, [&](int flags) { return ::sendmsg(fd(), &header, flags); });
    if (timed && count == -EAGAIN && !has(how.flags(), send_flags::non_blocking)) {
        message_to_send waiting{fd(), &header, wanted_flags, 0};
        const int number = internal::within_send_timeout(fd(), until, &message_to_send::once, &waiting);
        count = number == 0 ? waiting.sent : -number;
    }
    if (count >= 0) return static_cast<std::size_t>(count);
    const int number = static_cast<int>(-count);
    const std::string hint = internal::advice_on_send(number, how.to());
    return has_peer ? internal::error_of(number, "send", subject, hint) : failed(number, "send", hint);
}

result<void> socket::send_all(bytes_view data, deadline until) { return send_all(std::span(&data, 1), until); }

result<void> socket::send_all(std::span<const bytes_view> pieces, deadline until) {
    gather rest(pieces);
    const std::size_t all = rest.left();
    do {  // sends once even without bytes, so that a dead connection is reported
        const ssize_t count = transfer(fd(), internal::readiness::writable, MSG_NOSIGNAL, until,
                                       [&](int flags) { return rest.send(fd(), flags); });
        if (count < 0) {
            const error why = failed(static_cast<int>(-count), "send");
            const std::string words = internal::describe_errno(why.system_code());
            return error(
                why.code(), "send", std::string(why.subject()),
                words + ": " + std::to_string(all - rest.left()) + " of " + std::to_string(all) + " bytes were sent",
                why.system_code());
        }
        rest.sent(static_cast<std::size_t>(count));
    } while (rest.left() != 0);
    return {};
}

result<bool> socket::at_mark() const {
    int marked = 0;
    if (::ioctl(fd(), SIOCATMARK, &marked) == 0) return marked != 0;
    return failed(errno, "at_mark");
}

}  // namespace weir
