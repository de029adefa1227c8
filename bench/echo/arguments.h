// The command line of every server in this folder: SERVER PORT FRAMING [BACKEND]. The server listens on 127.0.0.1 until
// a signal ends it.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string_view>

#include "weir/base/check.h"

namespace bench {

struct arguments {
    std::uint16_t port;
    std::string_view framing, backend;
};

inline arguments read_arguments(int count, char** texts) {
    WEIR_CHECK(count >= 3, "SERVER PORT lines|len32 [BACKEND]");
    rlimit most{};
    if (::getrlimit(RLIMIT_NOFILE, &most) == 0) {
        most.rlim_cur = most.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &most);
    }
    return {static_cast<std::uint16_t>(std::atoi(texts[1])), texts[2], count > 3 ? texts[3] : ""};
}

// Returns a socket that listens on 127.0.0.1. The connections inherit TCP_NODELAY from it.
inline int listen_by_hand(std::uint16_t port, int flags) {
    const int made = ::socket(AF_INET, SOCK_STREAM | flags, 0);
    WEIR_CHECK(made >= 0, "socket");
    const int yes = 1;
    ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    WEIR_CHECK(::bind(made, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0, "bind");
    WEIR_CHECK(::listen(made, 4096) == 0, "listen");
    return made;
}

}  // namespace bench
