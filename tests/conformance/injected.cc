#include "tests/conformance/injected.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <ctime>
#include <new>

namespace weir_test {
namespace {

thread_local std::size_t left = 0;  // until one fails; 0: none will
thread_local std::size_t row = 0;   // so many fail then
thread_local bool has_memory = true;
thread_local const char* what_failed = nullptr;

bool fails_now(const char* what) noexcept {
    if (left == 0) return false;
    if (left != 1) {
        --left;
        return false;
    }
    if (what_failed == nullptr) what_failed = what;
    if (--row == 0) left = 0;
    return true;
}

void* allocate(std::size_t size) {
    ++counted::allocations;
    if (!has_memory || fails_now("operator new")) throw std::bad_alloc();
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    counted::living_bytes += malloc_usable_size(memory);
    return memory;
}

void release(void* memory) noexcept {
    counted::living_bytes -= malloc_usable_size(memory);
    std::free(memory);
}

// As a call that fails with this.
int refused(int number) noexcept {
    errno = number;
    return -1;
}

}  // namespace

std::size_t counted::allocations = 0;
std::atomic<std::size_t> counted::living_bytes = 0;
std::size_t counted::receives = 0;
std::size_t counted::sends = 0;
std::size_t counted::waits = 0;

injected_failure::injected_failure(std::size_t nth, std::size_t in_a_row) noexcept {
    what_failed = nullptr;
    left = nth;
    row = in_a_row;
}
injected_failure::~injected_failure() { left = 0; }
void injected_failure::disarm() noexcept { left = 0; }
no_memory_here::no_memory_here() noexcept { has_memory = false; }
no_memory_here::~no_memory_here() { has_memory = true; }
const char* injected_failure::failed() noexcept { return what_failed; }

}  // namespace weir_test

void* operator new(std::size_t size) { return weir_test::allocate(size); }
void* operator new[](std::size_t size) { return weir_test::allocate(size); }
void operator delete(void* memory) noexcept { weir_test::release(memory); }
void operator delete[](void* memory) noexcept { weir_test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { weir_test::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { weir_test::release(memory); }

using namespace weir_test;

// liburing.h names a function `socket`, too.
struct io_uring;
struct io_uring_cqe;
struct __kernel_timespec;

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

// All by which weir enters io_uring.
int __real_io_uring_submit_and_wait_timeout(io_uring*, io_uring_cqe**, unsigned, __kernel_timespec*, sigset_t*);
int __wrap_io_uring_submit_and_wait_timeout(io_uring* ring, io_uring_cqe** first, unsigned count,
                                            __kernel_timespec* left_time, sigset_t* mask) {
    ++counted::waits;
    if (fails_now("io_uring_submit_and_wait_timeout")) return -EINTR;
    return __real_io_uring_submit_and_wait_timeout(ring, first, count, left_time, mask);
}
int __real_io_uring_submit_and_get_events(io_uring*);
int __wrap_io_uring_submit_and_get_events(io_uring* ring) {
    ++counted::waits;
    if (fails_now("io_uring_submit_and_get_events")) return -EAGAIN;
    return __real_io_uring_submit_and_get_events(ring);
}
int __real_io_uring_submit(io_uring*);
int __wrap_io_uring_submit(io_uring* ring) {
    ++counted::waits;
    if (fails_now("io_uring_submit")) return -EAGAIN;
    return __real_io_uring_submit(ring);
}
}
