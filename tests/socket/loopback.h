// Waits until the loopback is idle. While the object exists, its thread stays on one processor. settle() returns when
// all sent data has arrived, and the replies of the kernel, too. So tests need no sleeps.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace weir_test {

class quiet_loopback {
public:
    quiet_loopback() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        ::sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof here;
        auto* const name = reinterpret_cast<sockaddr*>(&here);
        must(::sched_setaffinity(0, sizeof one, &one) == 0 && fd_ >= 0 && ::bind(fd_, name, size) == 0 &&
             ::getsockname(fd_, name, &size) == 0 && ::connect(fd_, name, size) == 0);
    }
    quiet_loopback(const quiet_loopback&) = delete;
    quiet_loopback& operator=(const quiet_loopback&) = delete;
    ~quiet_loopback() {
        ::close(fd_);
        ::sched_setaffinity(0, sizeof before_, &before_);
    }

    // All packets that a processor sends over the loopback pass through one queue in order. So when a datagram has come
    // back, all earlier packets have arrived. Three datagrams also cover the replies of the kernel, and the replies to
    // these replies.
    void settle() const {
        char byte = 0;
        for (int i = 0; i < 3; ++i) must(::send(fd_, &byte, 1, 0) == 1 && ::recv(fd_, &byte, 1, 0) == 1);
    }

private:
    static void must(bool holds) {
        if (!holds) throw std::runtime_error("no datagram comes round on the loopback");
    }

    int fd_;
    cpu_set_t before_{};
};

}  // namespace weir_test
