// Replaces the calls of liburing that enter the kernel. An operation may fail, too: it is replaced by a no-op before it
// is submitted, and the result of its completion becomes the error that the kernel would return. So no operation is in
// progress any more when its failure is reported. A multishot operation can fail only at its beginning.
#include <liburing.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "tests/conformance/injected.h"
#include "weir/kernel/uring/uring_ring.h"

using weir_test::fails_now;

namespace {

struct failing_question {
    std::uint64_t name = 0;  // user_data of the operation; 0: a free entry
    int how = 0;
};
constinit thread_local std::array<failing_question, 64> failing_now;

// Returns the error with which the operation has to fail, or 0. A cancel and a close never fail.
int fails(const io_uring_sqe& one) noexcept {
    if (one.opcode == IORING_OP_RECV && fails_now("IORING_OP_RECV")) return -ENOMEM;
    if (one.opcode == IORING_OP_SEND && fails_now("IORING_OP_SEND")) return -ENOBUFS;
    if (one.opcode == IORING_OP_SENDMSG && fails_now("IORING_OP_SENDMSG")) return -ENOBUFS;
    if (one.opcode == IORING_OP_POLL_ADD && fails_now("IORING_OP_POLL_ADD")) return -ENOMEM;
    return 0;
}

void note(std::uint64_t name, int how) noexcept {
    for (auto& free : failing_now) {
        if (free.name != 0) continue;
        free = {name, how};
        return;
    }
    std::abort();
}

void look_at_questions(io_uring& ring) noexcept {
    for (unsigned i = ring.sq.sqe_head; i != ring.sq.sqe_tail; ++i) {
        io_uring_sqe& one = ring.sq.sqes[i & *ring.sq.kring_mask];
        const std::uint64_t name = one.user_data;
        const int how = name == 0 ? 0 : fails(one);
        if (how == 0) continue;
        note(name, how);
        io_uring_prep_nop(&one);
        one.user_data = name;
    }
}

int after(io_uring& ring, int submitted) noexcept {
    const unsigned tail = io_uring_smp_load_acquire(ring.cq.ktail);
    for (unsigned i = *ring.cq.khead; i != tail; ++i) {
        io_uring_cqe& one = ring.cq.cqes[i & *ring.cq.kring_mask];
        if (one.user_data == 0 || one.res != 0) continue;
        for (auto& each : failing_now) {
            if (each.name != one.user_data) continue;
            one.res = each.how;
            each.name = 0;
            break;
        }
    }
    return submitted;
}

}  // namespace

extern "C" {
int __real_io_uring_submit_and_wait_timeout(io_uring*, io_uring_cqe**, unsigned, __kernel_timespec*, sigset_t*);
int __wrap_io_uring_submit_and_wait_timeout(io_uring* ring, io_uring_cqe** first, unsigned count,
                                            __kernel_timespec* left_time, sigset_t* mask) {
    ++weir_test::counted::waits;
    if (fails_now("io_uring_submit_and_wait_timeout")) return -EINTR;
    look_at_questions(*ring);
    return after(*ring, __real_io_uring_submit_and_wait_timeout(ring, first, count, left_time, mask));
}
int __real_io_uring_submit_and_get_events(io_uring*);
int __wrap_io_uring_submit_and_get_events(io_uring* ring) {
    ++weir_test::counted::waits;
    if (fails_now("io_uring_submit_and_get_events")) return -EAGAIN;
    look_at_questions(*ring);
    return after(*ring, __real_io_uring_submit_and_get_events(ring));
}
int __real_io_uring_submit(io_uring*);
int __wrap_io_uring_submit(io_uring* ring) {
    ++weir_test::counted::waits;
    if (fails_now("io_uring_submit")) return -EAGAIN;
    look_at_questions(*ring);
    return after(*ring, __real_io_uring_submit(ring));
}

int __real_io_uring_queue_init_params(unsigned, io_uring*, io_uring_params*);
int __wrap_io_uring_queue_init_params(unsigned questions, io_uring* ring, io_uring_params* wanted) {
    return fails_now("io_uring_setup") ? -ENOMEM : __real_io_uring_queue_init_params(questions, ring, wanted);
}
int __real_io_uring_register_buf_ring(io_uring*, io_uring_buf_reg*, unsigned);
int __wrap_io_uring_register_buf_ring(io_uring* ring, io_uring_buf_reg* wanted, unsigned flags) {
    return fails_now("io_uring_register_buf_ring") ? -ENOMEM : __real_io_uring_register_buf_ring(ring, wanted, flags);
}
int __real_io_uring_register_ring_fd(io_uring*);
int __wrap_io_uring_register_ring_fd(io_uring* ring) {
    return fails_now("io_uring_register_ring_fd") ? -ENOMEM : __real_io_uring_register_ring_fd(ring);
}
}

// uring_ring::enable() starts a ring. Only the call in uring_trial.cc can fail, because the linker does not replace the
// calls within uring_ring.cc.
weir::result<void> real_enable(io_uring&) __asm__("__real__ZN4weir8internal10uring_ring6enableER8io_uring");
weir::result<void> enable(io_uring&) __asm__("__wrap__ZN4weir8internal10uring_ring6enableER8io_uring");
weir::result<void> enable(io_uring& ring) {
    if (fails_now("io_uring_register")) return weir::error(weir::errc::not_permitted, "register");
    return real_enable(ring);
}
