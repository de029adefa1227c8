// Replaces the system calls of the socket layer and of epoll(7). Each can fail with an error that the kernel returns.
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <ctime>

#include "tests/conformance/injected.h"

using namespace weir_test;

extern "C" {
ssize_t __real_recv(int, void*, std::size_t, int);
ssize_t __wrap_recv(int fd, void* into, std::size_t size, int flags) {
    ++counted::receives;
    return fails_now("recv") ? refused(ENOMEM) : __real_recv(fd, into, size, flags);
}
ssize_t __real_send(int, const void*, std::size_t, int);
ssize_t __wrap_send(int fd, const void* from, std::size_t size, int flags) {
    ++counted::sends;
    return fails_now("send") ? refused(ENOBUFS) : __real_send(fd, from, size, flags);
}
ssize_t __real_sendmsg(int, const msghdr*, int);
ssize_t __wrap_sendmsg(int fd, const msghdr* from, int flags) {
    ++counted::sends;
    return fails_now("sendmsg") ? refused(ENOBUFS) : __real_sendmsg(fd, from, flags);
}
int __real_epoll_pwait2(int, epoll_event*, int, const timespec*, const sigset_t*);
int __wrap_epoll_pwait2(int set, epoll_event* events, int most, const timespec* left_time, const sigset_t* mask) {
    ++counted::waits;
    return fails_now("epoll_pwait2") ? refused(EINTR) : __real_epoll_pwait2(set, events, most, left_time, mask);
}
int __real_epoll_ctl(int, int, int, epoll_event*);
int __wrap_epoll_ctl(int set, int what, int fd, epoll_event* wanted) {
    return what == EPOLL_CTL_ADD && fails_now("epoll_ctl") ? refused(ENOSPC) : __real_epoll_ctl(set, what, fd, wanted);
}
int __real_accept4(int, sockaddr*, socklen_t*, int);
int __wrap_accept4(int fd, sockaddr* peer, socklen_t* size, int flags) {
    return fails_now("accept4") ? refused(EMFILE) : __real_accept4(fd, peer, size, flags);
}
int __real_socket(int, int, int);
int __wrap_socket(int domain, int type, int protocol) {
    return fails_now("socket") ? refused(EMFILE) : __real_socket(domain, type, protocol);
}
int __real_connect(int, const sockaddr*, socklen_t);
int __wrap_connect(int fd, const sockaddr* to, socklen_t size) {
    return fails_now("connect") ? refused(ENOBUFS) : __real_connect(fd, to, size);
}
int __real_bind(int, const sockaddr*, socklen_t);
int __wrap_bind(int fd, const sockaddr* to, socklen_t size) {
    return fails_now("bind") ? refused(ENOBUFS) : __real_bind(fd, to, size);
}
int __real_listen(int, int);
int __wrap_listen(int fd, int backlog) { return fails_now("listen") ? refused(ENOBUFS) : __real_listen(fd, backlog); }
int __real_getsockname(int, sockaddr*, socklen_t*);
int __wrap_getsockname(int fd, sockaddr* name, socklen_t* size) {
    return fails_now("getsockname") ? refused(ENOBUFS) : __real_getsockname(fd, name, size);
}
int __real_getpeername(int, sockaddr*, socklen_t*);
int __wrap_getpeername(int fd, sockaddr* name, socklen_t* size) {
    return fails_now("getpeername") ? refused(ENOBUFS) : __real_getpeername(fd, name, size);
}
int __real_getsockopt(int, int, int, void*, socklen_t*);
int __wrap_getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
    return fails_now("getsockopt") ? refused(ENOBUFS) : __real_getsockopt(fd, level, name, value, size);
}
int __real_setsockopt(int, int, int, const void*, socklen_t);
int __wrap_setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
    return fails_now("setsockopt") ? refused(ENOBUFS) : __real_setsockopt(fd, level, name, value, size);
}
int __real_fcntl(int, int, ...);
int __wrap_fcntl(int fd, int what, ...) {
    va_list more;
    va_start(more, what);
    const long value = va_arg(more, long);
    va_end(more);
    return fails_now("fcntl") ? refused(EMFILE) : __real_fcntl(fd, what, value);
}
ssize_t __real_recvfrom(int, void*, std::size_t, int, sockaddr*, socklen_t*);
ssize_t __wrap_recvfrom(int fd, void* into, std::size_t size, int flags, sockaddr* from, socklen_t* from_size) {
    return fails_now("recvfrom") ? refused(ENOMEM) : __real_recvfrom(fd, into, size, flags, from, from_size);
}
ssize_t __real_sendto(int, const void*, std::size_t, int, const sockaddr*, socklen_t);
ssize_t __wrap_sendto(int fd, const void* from, std::size_t size, int flags, const sockaddr* to, socklen_t to_size) {
    return fails_now("sendto") ? refused(ENOBUFS) : __real_sendto(fd, from, size, flags, to, to_size);
}
int __real_socketpair(int, int, int, int*);
int __wrap_socketpair(int domain, int type, int protocol, int* ends) {
    return fails_now("socketpair") ? refused(EMFILE) : __real_socketpair(domain, type, protocol, ends);
}
int __real_epoll_create1(int);
int __wrap_epoll_create1(int flags) {
    return fails_now("epoll_create1") ? refused(EMFILE) : __real_epoll_create1(flags);
}
int __real_eventfd(unsigned, int);
int __wrap_eventfd(unsigned value, int flags) {
    return fails_now("eventfd") ? refused(EMFILE) : __real_eventfd(value, flags);
}
int __real_timerfd_create(int, int);
int __wrap_timerfd_create(int clock, int flags) {
    return fails_now("timerfd_create") ? refused(EMFILE) : __real_timerfd_create(clock, flags);
}
void* __real_mmap(void*, std::size_t, int, int, int, off_t);
void* __wrap_mmap(void* wanted, std::size_t size, int protection, int flags, int fd, off_t offset) {
    if (!fails_now("mmap")) return __real_mmap(wanted, size, protection, flags, fd, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}
int __real_ppoll(pollfd*, nfds_t, const timespec*, const sigset_t*);
int __wrap_ppoll(pollfd* watched, nfds_t count, const timespec* left_time, const sigset_t* mask) {
    return fails_now("ppoll") ? refused(ENOMEM) : __real_ppoll(watched, count, left_time, mask);
}
int __real_open(const char*, int, ...);
int __wrap_open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : mode_t{0};
    va_end(more);
    return fails_now("open") ? refused(EMFILE) : __real_open(path, flags, mode);
}
int __real_flock(int, int);
int __wrap_flock(int fd, int what) { return fails_now("flock") ? refused(ENOLCK) : __real_flock(fd, what); }
int __real_lstat(const char*, struct stat*);
int __wrap_lstat(const char* path, struct stat* file) {
    return fails_now("lstat") ? refused(ENOMEM) : __real_lstat(path, file);
}
int __real_fstat(int, struct stat*);
int __wrap_fstat(int fd, struct stat* file) { return fails_now("fstat") ? refused(ENOMEM) : __real_fstat(fd, file); }

// The C library allocates without operator new. The two lists can be joined, because freeaddrinfo(3) frees each entry
// separately.
int __real_getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**);
int __wrap_getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    if (fails_now("getaddrinfo")) return EAI_MEMORY;
    if (name == nullptr || std::strcmp(name, two_addresses) != 0)
        return __real_getaddrinfo(name, service, hints, found);
    const int code = __real_getaddrinfo("127.0.0.2", service, hints, found);
    addrinfo* last = code == 0 ? *found : nullptr;
    while (last != nullptr && last->ai_next != nullptr) last = last->ai_next;
    return last != nullptr ? __real_getaddrinfo("127.0.0.1", service, hints, &last->ai_next) : code;
}
}
