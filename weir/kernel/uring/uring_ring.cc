#include "weir/kernel/uring/uring_ring.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <new>
#include <string>

#include "weir/base/check.h"
#include "weir/socket/internal/system_error.h"
#include "weir/socket/internal/wait.h"

namespace weir::internal {
namespace {

// A completion that no task waits for may report a failure, or a full socket. So it is handled after this time at the
// latest.
constexpr timespec longest_unawaited{0, 10'000'000};

bool may_pass(int number) {
    return number == EINTR || number == ETIME || number == EAGAIN || number == EBUSY || number == ENOMEM;
}

bool is_longer(const timespec& one, const timespec& other) {
    return one.tv_sec != other.tv_sec ? one.tv_sec > other.tv_sec : one.tv_nsec > other.tv_nsec;
}

}  // namespace

result<std::unique_ptr<uring_ring>> uring_ring::open(const uring_sizes& sizes) {
    std::unique_ptr<uring_ring> made(new uring_ring);
    io_uring_params wanted{};
    wanted.flags = setup_flags;
    wanted.cq_entries = sizes.completions;
    const int number = -io_uring_queue_init_params(sizes.submissions, &made->ring_, &wanted);
    if (number == EINVAL) return error_of(ENOSYS, "io_uring_setup", {}, "io_uring is older than that of Linux 6.1");
    if (number != 0) return error_of(number, "io_uring_setup");
    made->is_open_ = true;
    made->backlog_.reserve(sizes.submissions);
    made->prompt_.reserve(sizes.submissions);
    return made;
}

uring_ring::~uring_ring() {
    if (is_open_) io_uring_queue_exit(&ring_);
}

result<void> uring_ring::enable(io_uring& ring) {
    // liburing 2.3 declares io_uring_enable_rings(), but its library does not contain the function.
    if (::syscall(__NR_io_uring_register, ring.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) == 0) return {};
    return error_of(errno, "io_uring_register", "the start of a ring");
}

// Called when the kernel refuses a call that succeeded in try_io_uring().
void uring_ring::refused_later(const error& why) {
    check_failed(
        "io_uring(7) is usable",
        why.message() + "; it was allowed when the loop was opened: a filter was installed later, or on this thread");
}

void uring_ring::enable() {
    if (std::exchange(is_enabled_, true)) return;
    if (auto enabled = enable(ring_); !enabled) refused_later(enabled.error());
    static_cast<void>(io_uring_register_ring_fd(&ring_));  // makes entering cheaper; a failure does no harm
}

// Entries that have to wait keep their order.
io_uring_sqe& uring_ring::next() {
    if (backlog_.empty()) {
        if (io_uring_sqe* const free = io_uring_get_sqe(&ring_)) return *free;
        submit();
        if (io_uring_sqe* const free = io_uring_get_sqe(&ring_)) return *free;
    }
    for (;;) {
        try {
            return backlog_.emplace_back();
        } catch (const std::bad_alloc&) {
            submit();  // repeated until the kernel takes some
            if (!backlog_.empty()) continue;
            if (io_uring_sqe* const free = io_uring_get_sqe(&ring_)) return *free;
        }
    }
}

// If there is no memory, the request is not recorded. This is safe: the wait then only ends too early (see
// completions_to_wait_for()).
void uring_ring::note_prompt(const uring_item& item, uring_item::operation which) noexcept {
    try {
        prompt_.push_back({&item, which});
    } catch (const std::bad_alloc&) {
        return;
    }
}

void uring_ring::take_backlog() {
    std::size_t taken = 0;
    for (; taken < backlog_.size(); ++taken) {
        io_uring_sqe* free = io_uring_get_sqe(&ring_);
        if (free == nullptr) {
            if (io_uring_submit(&ring_) < 0) break;
            free = io_uring_get_sqe(&ring_);
        }
        if (free == nullptr) break;
        *free = backlog_[taken];
    }
    backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(taken));
}

void uring_ring::cancel(uring_item& item, uring_item::operation which) {
    io_uring_sqe& one = next();
    io_uring_prep_cancel64(&one, user_data_of(item, which), 0);
    one.flags |= IOSQE_CQE_SKIP_SUCCESS;
    one.user_data = 0;
}

void uring_ring::close(int fd) {
    io_uring_sqe& one = next();
    io_uring_prep_close(&one, fd);
    one.flags |= IOSQE_CQE_SKIP_SUCCESS;
    one.user_data = 0;
}

void uring_ring::submit() {
    enable();
    take_backlog();
    const int number = -io_uring_submit(&ring_);
    if (number > 0 && !may_pass(number)) refused_later(error_of(number, "io_uring_enter"));
}

void uring_ring::settle() {
    enable();
    take_backlog();
    const int number = -io_uring_submit_and_get_events(&ring_);
    if (number > 0 && !may_pass(number)) refused_later(error_of(number, "io_uring_enter"));
}

bool uring_ring::wait(deadline until, time_point now) {
    enable();
    if (!backlog_.empty()) take_backlog();
    int number = 0;
    if (!backlog_.empty() || until.passed(now)) {
        number = -io_uring_submit_and_get_events(&ring_);
    } else {
        const unsigned count = completions_to_wait_for();
        timespec left = until.is_never() ? timespec{} : time_left(until, now);
        const bool is_limited = count > 1 && (until.is_never() || is_longer(left, longest_unawaited));
        if (is_limited) left = longest_unawaited;
        __kernel_timespec limit{left.tv_sec, left.tv_nsec};
        io_uring_cqe* first = nullptr;
        number = -io_uring_submit_and_wait_timeout(&ring_, &first, count,
                                                   until.is_never() && !is_limited ? nullptr : &limit, nullptr);
    }
    if (number > 0 && !may_pass(number)) refused_later(error_of(number, "io_uring_enter"));
    return (number <= 0 || number == ETIME) && backlog_.empty();
}

// Returns how many completions the wait needs: the number of prompt requests that no task waits for, plus one. Prompt
// requests complete while they are submitted, so the wait ends at the first other completion. All of them were made
// after the last complete(), so the completion of each one is still to come. A count that is too small is safe. A count
// that is too large would delay other completions.
unsigned uring_ring::completions_to_wait_for() const noexcept {
    unsigned count = 1;
    for (const auto& one : prompt_) {
        if (!one.item->awaits_completion(one.which)) ++count;
    }
    return count;
}

void uring_ring::complete_one() {
    io_uring_cqe* one = nullptr;
    if (io_uring_peek_cqe(&ring_, &one) != 0) return;
    const std::uint64_t name = one->user_data;
    const int how = one->res;
    const unsigned flags = one->flags;
    io_uring_cqe_seen(&ring_, one);
    if (name == 0) return;  // of a cancel that was too late, or of a failed close
    if ((flags & IORING_CQE_F_MORE) == 0) --in_flight_;
    const std::uintptr_t item = name & ~std::uintptr_t{uring_item::most_operations - 1};
    std::bit_cast<uring_item*>(item)->completed(static_cast<uring_item::operation>(name % uring_item::most_operations),
                                                how, flags);
}

}  // namespace weir::internal
