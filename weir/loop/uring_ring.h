// One io_uring(7): questions to the kernel that leave with one system call a turn, and answers that reach whoever
// asked. Private.
#pragma once

#include <liburing.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/time.h"

namespace weir {

// Who asks. It lives until all that it asked has been answered.
class uring_item {
public:
    // Which question of an item is meant: 0 to 7.
    using question = unsigned;
    static constexpr question most_questions = 8;

    // The answer: a result as of the system call, negative for an errno value; flags of io_uring_cqe. It may ask for
    // more in this call.
    virtual void answered(question which, int how, unsigned flags) noexcept = 0;
    // Of a prompt question: whether the turn ends for its answer alone.
    virtual bool is_awaited(question) const noexcept { return true; }

protected:
    ~uring_item() = default;
};

// How large it is. Thread safety: a value.
struct uring_sizes {
    unsigned questions = 1024;                        // that leave at a time; more are submitted before the turn's end
    unsigned answers = 4096;                          // that wait to be read; the kernel keeps what comes beyond
    std::size_t buffer_bytes = std::size_t{8} << 20;  // at most, of the buffers that wait to be filled
};

// Thread safety: one thread from the first wait() on.
class uring_ring {
public:
    // Completions are worked out within the wait, on the thread that submitted; R_DISABLED: which one that is shows at
    // the first wait.
    static constexpr unsigned setup_flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                                            IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP |
                                            IORING_SETUP_R_DISABLED | IORING_SETUP_TASKRUN_FLAG;
    // Ends R_DISABLED: this thread is from now on the only one that may enter the ring.
    static result<void> enable(io_uring& ring);

    // errc::unsupported or errc::not_permitted: no io_uring here, or an old one; Linux 6.1 has what is needed.
    static result<std::unique_ptr<uring_ring>> open(const uring_sizes& sizes);
    uring_ring(const uring_ring&) = delete;
    uring_ring& operator=(const uring_ring&) = delete;
    ~uring_ring();

    // Asks; `prepare` fills the question: it is called at once, with a question that may not be the ring's own memory.
    template <class Prepare>
    void ask(uring_item& who, uring_item::question which, Prepare prepare) {
        io_uring_sqe& one = next();
        prepare(&one);
        one.user_data = name_of(who, which);
        ++unanswered_;
    }
    // The same for what the kernel answers while it is submitted, whatever comes of it.
    template <class Prepare>
    void ask_promptly(uring_item& who, uring_item::question which, Prepare prepare) {
        ask(who, which, prepare);
        note_prompt(who, which);
    }
    // The one that was asked is answered soon, with -ECANCELED unless it is over already.
    void cancel(uring_item& who, uring_item::question which);
    // close(2), after all that was asked before.
    void close(int fd);

    // Submits what was asked and waits for an answer, until then at most. One system call. False when a signal ended
    // it, or not all was submitted.
    bool wait(deadline until, time_point now);
    // Told in a turn, at most: who is told is answered in it, while its memory is in the cache.
    static constexpr unsigned most_told = 128;
    // Tells what was answered, until `enough`; the rest is told the next time, and so is what is answered while this
    // tells. False when it left something.
    template <class Enough>
    bool tell(Enough enough) {
        prompt_.clear();
        const unsigned ready = io_uring_cq_ready(&ring_);
        unsigned left = std::min(ready, most_told);
        for (; left != 0 && !enough(); --left) tell_one();
        return left == 0 && ready <= most_told && !has_pending();
    }
    // True when the kernel has completions that it has not worked out yet: since Linux 6.13 one wait works out some 20
    // of them.
    bool has_pending() const noexcept {
        return (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
    }
    // Submits, without waiting.
    void submit();
    // The same, and what was taken back or closed before has let go of its socket: the kernel does that when it works
    // out answers.
    void settle();
    bool has_unsubmitted() const noexcept { return !backlog_.empty() || io_uring_sq_ready(&ring_) != 0; }
    // Answers that are still to come. What is never answered (a close) does not count.
    std::size_t unanswered() const noexcept { return unanswered_; }

    io_uring& native() noexcept { return ring_; }

private:
    uring_ring() = default;
    static std::uint64_t name_of(uring_item& who, uring_item::question which) noexcept {
        return reinterpret_cast<std::uintptr_t>(&who) | which;
    }
    io_uring_sqe& next();
    void note_prompt(const uring_item& who, uring_item::question which) noexcept;
    void tell_one();
    [[noreturn]] static void refused_later(const error& why);
    void enable();
    void take_backlog();
    unsigned answers_to_wait_for() const noexcept;

    io_uring ring_{};
    bool is_open_ = false;
    bool is_enabled_ = false;
    std::size_t unanswered_ = 0;
    std::vector<io_uring_sqe> backlog_;  // what the kernel had no memory for
    struct prompt_question {
        const uring_item* who;
        uring_item::question which;
    };
    std::vector<prompt_question> prompt_;  // asked since answers were told the last time
};

}  // namespace weir
