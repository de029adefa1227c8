#include "weir/kernel/uring/uring_trial.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "weir/kernel/uring/uring_ring.h"
#include "weir/socket/descriptor.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {
namespace {

enum operation : unsigned { nothing, sending, polling, receiving, cancelling, closing, operation_count };

constexpr std::array<const char*, operation_count> names{"IORING_OP_NOP",          "IORING_OP_SEND",
                                                         "IORING_OP_POLL_ADD",     "IORING_OP_RECV",
                                                         "IORING_OP_ASYNC_CANCEL", "IORING_OP_CLOSE"};

// Returns whether this errno value shows that the kernel does not have an operation, or refuses it. Any other result
// shows that the kernel executed it.
bool is_refusal(int number) { return number == EPERM || number == EACCES || number == ENOSYS || number == EINVAL; }

error refused(int number, std::string call, std::string subject) {
    if (number == EINVAL)
        return error_of(ENOSYS, std::move(call), std::move(subject), "io_uring is older than that of Linux 6.1");
    return error_of(number, std::move(call), std::move(subject));
}

class trial {
public:
    trial() = default;
    trial(const trial&) = delete;
    trial& operator=(const trial&) = delete;
    ~trial() {
        if (is_open_) io_uring_queue_exit(&ring_);
        if (buffers_ != MAP_FAILED) ::munmap(buffers_, sizeof(io_uring_buf));
    }

    result<void> run() {
        auto done = open();
        if (done) done = register_all();
        if (done) done = begin_operations();
        if (done) done = end_operations();
        return done;
    }

private:
    result<void> open();
    result<void> register_all();
    result<void> begin_operations();
    result<void> end_operations();
    template <class Prepare>
    void submit(operation which, Prepare prepare) {
        io_uring_sqe* const one = io_uring_get_sqe(&ring_);
        prepare(one);
        one->user_data = which;
        ++in_flight_;
    }
    result<void> complete_all();
    result<void> take_one();

    io_uring ring_{};
    bool is_open_ = false;
    descriptor here_;  // of a pair of datagram sockets
    descriptor there_;
    std::array<char, 16> buffer_{};
    void* buffers_ = MAP_FAILED;  // a ring with one buffer, shared with the kernel
    unsigned in_flight_ = 0;
};

result<void> trial::open() {
    io_uring_params wanted{};
    wanted.flags = uring_ring::setup_flags;
    wanted.cq_entries = 2 * operation_count;
    if (const int number = -io_uring_queue_init_params(operation_count, &ring_, &wanted); number != 0)
        return refused(number, "io_uring_setup", {});
    is_open_ = true;
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) return error_of(errno, "socketpair");
    here_ = descriptor(ends[0]);
    there_ = descriptor(ends[1]);
    return {};
}

result<void> trial::register_all() {
    buffers_ = ::mmap(nullptr, sizeof(io_uring_buf), PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (buffers_ == MAP_FAILED) return error_of(errno, "mmap", "a ring of buffers");
    io_uring_buf_reg wanted{};
    wanted.ring_addr = reinterpret_cast<std::uintptr_t>(buffers_);
    wanted.ring_entries = 1;
    if (const int number = -io_uring_register_buf_ring(&ring_, &wanted, 0); number != 0)
        return error_of(number, "io_uring_register", "a ring of buffers");
    auto* const shared = static_cast<io_uring_buf_ring*>(buffers_);
    io_uring_buf_ring_add(shared, buffer_.data(), static_cast<unsigned>(buffer_.size()), 0, 0, 0);
    io_uring_buf_ring_advance(shared, 1);
    return uring_ring::enable(ring_);
}

// Each operation completes once, without waiting. The poll and the receive find the byte that was sent. These two
// requests then stay in progress.
result<void> trial::begin_operations() {
    submit(nothing, [](io_uring_sqe* one) { io_uring_prep_nop(one); });
    submit(sending,
           [&](io_uring_sqe* one) { io_uring_prep_send(one, there_.fd(), "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT); });
    if (auto sent = complete_all(); !sent) return sent;
    submit(polling, [&](io_uring_sqe* one) { io_uring_prep_poll_multishot(one, here_.fd(), POLLIN); });
    submit(receiving, [&](io_uring_sqe* one) {
        io_uring_prep_recv(one, here_.fd(), nullptr, 0, 0);
        one->flags |= IOSQE_BUFFER_SELECT;
        one->ioprio |= IORING_RECV_MULTISHOT;
    });
    return complete_all();
}

result<void> trial::end_operations() {
    submit(cancelling, [](io_uring_sqe* one) { io_uring_prep_cancel64(one, polling, 0); });
    if (auto cancelled = complete_all(); !cancelled) return cancelled;
    submit(closing, [&](io_uring_sqe* one) { io_uring_prep_close(one, there_.fd()); });
    return complete_all();
}

// Enters the ring as a loop does, with a time limit, until each request has completed at least once.
result<void> trial::complete_all() {
    constexpr int most_waits = 10;
    constexpr std::int64_t seconds = 1;
    for (int waits = 0; in_flight_ != 0; ++waits) {
        if (waits == most_waits)
            return error_of(ENOSYS, "io_uring_enter", {}, "io_uring does not complete the requests");
        __kernel_timespec limit{seconds, 0};
        io_uring_cqe* first = nullptr;
        const int number = -io_uring_submit_and_wait_timeout(&ring_, &first, in_flight_, &limit, nullptr);
        if (number > 0 && number != EINTR && number != ETIME) return refused(number, "io_uring_enter", {});
        while (io_uring_peek_cqe(&ring_, &first) == 0) {
            if (auto taken = take_one(); !taken) return taken;
        }
    }
    return {};
}

result<void> trial::take_one() {
    io_uring_cqe* one = nullptr;
    if (io_uring_peek_cqe(&ring_, &one) != 0) return {};
    const auto which = static_cast<operation>(one->user_data);
    const int how = one->res;
    io_uring_cqe_seen(&ring_, one);
    if (how < 0 && is_refusal(-how)) return refused(-how, "io_uring_enter", names[which]);
    if (how == -ECANCELED) return {};  // the end of a request that has already completed once
    if (how < 0 && which == sending)
        return error_of(-how, "io_uring_enter", names[which]);  // otherwise nothing would be received
    if (which == closing && how == 0) static_cast<void>(there_.release());
    if (in_flight_ != 0) --in_flight_;
    return {};
}

}  // namespace

result<void> try_io_uring() {
    trial all;
    return all.run();
}

}  // namespace weir::internal
