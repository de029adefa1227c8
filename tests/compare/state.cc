// Reads the state of a socket from the kernel, without weir. compare.py compares these states. The other verbs in this
// file fill buffers, remove paths, and wait until the loopback is idle.
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "tests/compare/stage.h"
#include "tests/socket/loopback.h"
#include "weir/socket/option.h"

namespace compare {
namespace {

std::string readiness(int fd) {
    pollfd asked{fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    ::poll(&asked, 1, 0);
    std::string words;
    for (const auto& [bit, word] :
         {std::pair(POLLIN, " readable"), std::pair(POLLOUT, " writable"), std::pair(POLLRDHUP, " peer_closed"),
          std::pair(POLLHUP, " hung_up"), std::pair(POLLERR, " failed")}) {
        if ((asked.revents & bit) != 0) words += word;
    }
    return words;
}

std::string unread(int fd) {
    int count = 0;
    if (::ioctl(fd, FIONREAD, &count) != 0) return "-";
    return count < 65536 ? std::to_string(count) : "much";  // the kernel decides the size of a full buffer
}

std::string tcp_state(int fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return "";
    // FIN_WAIT1 and FIN_WAIT2 share a word: a delayed acknowledgement decides when one becomes the other.
    constexpr std::array words{"?",         "established", "syn_sent",   "syn_received", "fin_wait", "fin_wait",
                               "time_wait", "close",       "close_wait", "last_ack",     "listen",   "closing"};
    return std::string(" tcp ") + words.at(info.tcpi_state);
}

}  // namespace

// state SOCKET: prints the state. Reading the pending error clears it, as in Python.
std::string stage::state(const call& one) {
    weir::socket& which = at(one);
    if (!which.is_open()) return "not open";
    const int fd = which.fd();
    const std::string ready = readiness(fd);
    const auto pending = which.get(weir::option::error);
    return "local " + local(one) + " peer " + peer(one) + " pending " +
           show(pending, [](const auto& value) { return value ? show(*value) : "none"; }) + " unread " + unread(fd) +
           tcp_state(fd) + ready + ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 ? " close_on_exec" : "");
}

// fill SOCKET: sends until the kernel takes nothing more. The number of bytes depends on the kernel, so it is not
// printed. TCP makes room once more when a delayed acknowledgement arrives, after at most 200 ms.
std::string stage::fill(const call& one) {
    const std::string block(65536, 'x');
    const auto here = at(one).local_address();
    const bool is_tcp = here && here->is_ip();
    std::size_t sent = 0;
    std::size_t count_before = 1;
    for (;;) {
        const ssize_t count = ::send(at(one).fd(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0) {
            sent += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN && count_before == sent) {
            return sent > 0 ? "full" : "was full";
        } else if (errno == EAGAIN) {
            count_before = sent;
            pollfd room{at(one).fd(), POLLOUT, 0};
            ::poll(&room, 1, is_tcp ? 250 : 0);
        } else {
            throw std::runtime_error(std::string("fill: ") + std::strerror(errno));
        }
        settle_loopback();
    }
}

// drain SOCKET: receives until nothing is left.
std::string stage::drain(const call& one) {
    std::string block(65536, '\0');
    for (;;) {
        const ssize_t count = ::recv(at(one).fd(), block.data(), block.size(), MSG_DONTWAIT);
        if (count <= 0) return count == 0 ? "the end" : errno == EAGAIN ? "drained" : "failed";
        settle_loopback();
    }
}

std::string stage::unlink(const call& one) { return std::filesystem::remove(operand(one, 0)) ? "ok" : "was not there"; }

std::string stage::settle(const call&) {
    settle_loopback();
    return "ok";
}

void settle_loopback() {
    static const weir_test::quiet_loopback loopback;
    loopback.settle();
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

}  // namespace compare
