// A script makes every system call of the socket layer, and each call fails once. Nothing may leak, hang or crash. The
// linker replaces the calls of this program with the functions below (--wrap, see tests/CMakeLists.txt), which fail or
// make the real call. Calls within libc are not replaced.
#include <netdb.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdarg>
#include <map>

#include "tests/socket/support.h"
#include "weir/socket/connect_to.h"
#include "weir/socket/kernel_view.h"
#include "weir/socket/listen_on.h"
#include "weir/socket/names/interface.h"
#include "weir/socket/names/resolve.h"
#include "weir/socket/raw.h"

namespace {

// The call that has to fail. Only calls of the thread that arms the fault count, and not those of resolver threads.
struct fault {
    bool armed = false;
    int countdown = -1;  // the index of the call that fails, from 0; -1: none
    int number = 0;      // the errno of the failure
    int calls = 0;
    std::map<std::string, int> seen;
    std::string failed;
};
thread_local fault now_failing;

// Returns true when this call has to fail, and sets errno.
bool fails(const char* name) {
    fault& turn = now_failing;
    if (!turn.armed) return false;
    ++turn.seen[name];
    if (turn.calls++ != turn.countdown) return false;
    turn.failed = name;
    errno = turn.number;
    return true;
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): --wrap requires these names.
extern "C" {
#define WEIR_PASS(result, name, parameters, arguments) \
    result __real_##name parameters;                   \
    result __wrap_##name parameters { return fails(#name) ? static_cast<result>(-1) : __real_##name arguments; }
WEIR_PASS(int, accept4, (int fd, sockaddr* name, socklen_t* size, int flags), (fd, name, size, flags))
WEIR_PASS(int, bind, (int fd, const sockaddr* name, socklen_t size), (fd, name, size))
WEIR_PASS(int, connect, (int fd, const sockaddr* name, socklen_t size), (fd, name, size))
WEIR_PASS(int, flock, (int fd, int operation), (fd, operation))
WEIR_PASS(int, getpeername, (int fd, sockaddr* name, socklen_t* size), (fd, name, size))
WEIR_PASS(int, getsockname, (int fd, sockaddr* name, socklen_t* size), (fd, name, size))
WEIR_PASS(int, getsockopt, (int fd, int level, int name, void* value, socklen_t* size), (fd, level, name, value, size))
WEIR_PASS(int, listen, (int fd, int backlog), (fd, backlog))
WEIR_PASS(int, lstat, (const char* path, struct stat* found), (path, found))
WEIR_PASS(int, ppoll, (pollfd * fds, nfds_t count, const timespec* time, const sigset_t* mask),
          (fds, count, time, mask))
WEIR_PASS(ssize_t, recv, (int fd, void* data, size_t size, int flags), (fd, data, size, flags))
WEIR_PASS(ssize_t, recvmsg, (int fd, msghdr* header, int flags), (fd, header, flags))
WEIR_PASS(ssize_t, send, (int fd, const void* data, size_t size, int flags), (fd, data, size, flags))
WEIR_PASS(ssize_t, sendmsg, (int fd, const msghdr* header, int flags), (fd, header, flags))
WEIR_PASS(int, setsockopt, (int fd, int level, int name, const void* value, socklen_t size),
          (fd, level, name, value, size))
WEIR_PASS(int, shutdown, (int fd, int how), (fd, how))
WEIR_PASS(int, socket, (int family, int type, int protocol), (family, type, protocol))
WEIR_PASS(int, socketpair, (int family, int type, int protocol, int* ends), (family, type, protocol, ends))
WEIR_PASS(int, unlink, (const char* path), (path))
#undef WEIR_PASS

int __real_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const int mode = va_arg(list, int);
    va_end(list);
    return fails("open") ? -1 : __real_open(path, flags, mode);
}

// Linux frees the descriptor even when close(2) fails.
int __real_close(int fd);
int __wrap_close(int fd) {
    const bool failed = fails("close");
    const int number = errno;
    const int closed = __real_close(fd);
    if (!failed) return closed;
    errno = number;
    return -1;
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
    va_list list;
    va_start(list, command);
    const long argument = va_arg(list, long);
    va_end(list);
    return fails("fcntl") ? -1 : __real_fcntl(fd, command, argument);
}

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void* const argument = va_arg(list, void*);
    va_end(list);
    return fails("ioctl") ? -1 : __real_ioctl(fd, request, argument);
}

int __real_getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** list);
int __wrap_getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** list) {
    return fails("getaddrinfo") ? EAI_SYSTEM : __real_getaddrinfo(host, service, hints, list);
}

unsigned __real_if_nametoindex(const char* name);
unsigned __wrap_if_nametoindex(const char* name) { return fails("if_nametoindex") ? 0 : __real_if_nametoindex(name); }

char* __real_if_indextoname(unsigned index, char* name);
char* __wrap_if_indextoname(unsigned index, char* name) {
    return fails("if_indextoname") ? nullptr : __real_if_indextoname(index, name);
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

using namespace weir_test;
using weir::receive_flags;
using weir::receive_options;
using weir::send_flags;
using weir::send_options;
using weir::socket;

weir::deadline soon() { return within(300us); }

// All runs use one folder, because creating and removing thousands of folders would take most of the time.
const folder* place = nullptr;
std::string fresh(address_family family) {
    static int names = 0;
    return family == socket::local ? place->text(std::to_string(names++)) : fresh_address(family, *place);
}

// The result does not matter, because a failed call may make later calls fail. The call only has to return.
void ignore(const auto& outcome) { static_cast<void>(static_cast<bool>(outcome)); }

void talk(socket& first, socket& second) {
    const std::array<bytes_view, 2> pieces{"a", "bc"};
    ignore(first.send("x"));
    ignore(second.receive(10, soon()));
    ignore(first.send_all(pieces, soon()));
    ignore(second.receive(3, receive_flags::wait_all, soon()));
    ignore(second.receive(3, receive_flags::peek, soon()));
    ignore(first.send("!", send_flags::out_of_band));
    ignore(second.receive(1, receive_flags::out_of_band, soon()));
    ignore(second.at_mark());
    ignore(first.send_message(pieces, {}, soon()));
    ignore(second.receive_from(10, soon()));
    ignore(first.get(weir::option::error));
    ignore(first.set(weir::option::linger, 0s));
    ignore(weir::view_of(first));
    ignore(first.set_blocking(false));
    ignore(first.shutdown(half::send));
    ignore(second.receive_from(10, soon()));
    ignore(first.local_address());
    ignore(first.peer_address());
    ignore(first.close());
}

void streams(address_family family) {
    auto listener = weir::listen_on(fresh(family));
    if (!listener) return;
    ignore(listener->accept(soon()));
    const auto here = listener->local_address();
    if (!here) return;
    ignore(weir::view_of(*listener));
    auto client = weir::connect_to(here->to_string(), soon());
    auto accepted = listener->accept(soon());
    if (client && accepted) talk(*client, accepted->connection);
    // A race between two attempts. No program listens at the first address.
    const std::array<address, 2> both{address::loopback_ipv4(1), *here};
    ignore(weir::connect_to(both, within(2ms)));
    auto opened = socket::open(family, socket::stream);
    if (opened) ignore(opened->connect(*here));
    if (opened) ignore(socket::from_fd(opened->fd()) ? opened->release() : 0);
}

void datagrams(address_family family) {
    auto server = socket::open(family, socket::datagram);
    auto client = socket::open(family, socket::datagram);
    if (!server || !client || !server->bind(fresh(family))) return;
    const auto here = server->local_address();
    if (!here) return;
    ignore(server->set(weir::option::packet_info, true));
    ignore(client->send_to("x", *here, soon()));
    ignore(server->receive_from(10, soon()));
    if (family == socket::local) {  // sends until the queue is full, and once more
        for (int i = 0; i < 20; ++i) ignore(client->send_to("x", *here, within(0ns)));
        ignore(client->send_to("x", *here, soon()));
    } else {
        const auto group = family == socket::ipv4 ? "239.1.2.3:0" : "[ff01::1%lo]:0";
        ignore(server->join(*address::parse(group), 1));
        ignore(server->leave(*address::parse(group), 1));
    }
}

void descriptors() {
    auto pair = weir::socket_pair(socket::seqpacket);
    if (!pair) return;
    ignore(pair->first.set(weir::option::pass_credentials, true));
    for (const std::size_t asked : {0u, 1u, 2u}) {
        ignore(pair->second.send_message("x", send_options().descriptors({pair->first.fd(), pair->second.fd()})));
        ignore(pair->first.receive_from(10, receive_options().descriptors(asked), soon()));
    }
}

void names() {
    ignore(weir::resolve("localhost:http"));
    ignore(weir::resolve("*:1"));
    ignore(weir::interface_index("lo"));
    ignore(weir::interface_name(1));
    auto one = socket::open(socket::ipv6, socket::stream);
    if (one) ignore(one->bind("[::1%lo]:0"));
    if (one) ignore(one->local_address());
    if (one) ignore(one->set_option(SOL_SOCKET, SO_KEEPALIVE, "abcd"));
    if (one) ignore(one->get_option(SOL_SOCKET, SO_KEEPALIVE, 4));
    ignore(socket::open(socket::ipv4, socket::raw, weir::protocol_icmp));
    const std::string stale = fresh(socket::local);
    ignore(weir::listen_on(stale));
    ignore(weir::listen_on(stale));
}

// Runs the script so that call `turn` fails. Returns the number of calls that the script made.
template <class Script>
int run(Script script, int turn, int number) {
    now_failing = fault{};
    now_failing.countdown = turn;
    now_failing.number = number;
    now_failing.armed = true;
    script();
    now_failing.armed = false;
    return now_failing.calls;
}

void script() {
    for (const auto family : {socket::ipv4, socket::ipv6, socket::local}) {
        streams(family);
        datagrams(family);
    }
    descriptors();
    names();
}

}  // namespace

TEST_CASE_FIXTURE(counted, "each system call of the socket layer may fail, and nothing leaks, hangs or crashes") {
    const folder made;
    place = &made;
    const int calls = run(script, -1, 0);
    REQUIRE(calls > 200);
    for (const char* const name :
         {"accept4",     "bind",        "close",      "connect",        "fcntl",          "flock", "getaddrinfo",
          "getpeername", "getsockname", "getsockopt", "if_indextoname", "if_nametoindex", "ioctl", "listen",
          "lstat",       "open",        "ppoll",      "recv",           "recvmsg",        "send",  "sendmsg",
          "setsockopt",  "shutdown",    "socket",     "socketpair",     "unlink"}) {
        INFO(name);
        CHECK(now_failing.seen[name] > 0);
    }
    for (const int number : {ENOBUFS, EINTR, EAGAIN}) {
        int reached = 0;
        for (int turn = 0; turn < calls; ++turn) {
            const std::size_t before = open_descriptors();
            ::alarm(30);  // a script that hangs kills the program
            static_cast<void>(run(script, turn, number));
            ::alarm(0);
            reached += now_failing.failed.empty() ? 0 : 1;
            const std::size_t after = open_descriptors();
            if (after == before) continue;
            CAPTURE(turn);
            CAPTURE(now_failing.failed);
            CHECK(after == before);
        }
        CHECK(reached > calls * 9 / 10);  // the number of calls varies a little with the timing
    }
}
