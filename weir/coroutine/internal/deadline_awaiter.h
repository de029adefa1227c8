// The awaiter of with_deadline(). It cancels a task when a deadline passes.
#pragma once

#include <type_traits>
#include <utility>

#include "weir/base/result.h"
#include "weir/coroutine/internal/children_awaiter.h"
#include "weir/coroutine/internal/only_awaited.h"
#include "weir/loop/internal/delivery_timer.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// The type of the value of with_deadline(), which is always a result.
template <class T>
struct as_result {
    using type = result<T>;
};
template <class T>
struct as_result<result<T>> {
    using type = result<T>;
};

template <class T>
class deadline_awaiter final : public children_awaiter, public only_awaited, private delivery_timer {
public:
    deadline_awaiter(task<T> one, deadline until) : task_(std::move(one)), until_(until) {}
    ~deadline_awaiter() override = default;

    typename as_result<T>::type await_resume() {
        const bool late = late_;
        if constexpr (std::is_void_v<T>) {
            task_.take();
            if (late) return error(errc::timed_out);
            return {};
        } else {
            typename as_result<T>::type given = task_.take();
            if (late && (!std::is_same_v<T, typename as_result<T>::type> || given == errc::cancelled))
                return error(errc::timed_out);
            return given;
        }
    }

private:
    void begin_children(loop& here) override {
        one_more();
        child_.begin(task_, here, this);
        set(until_);
        has_delivered_ = until_.passed(here.now());
    }
    void cancel_children() noexcept override { child_.cancel(); }
    task_promise* next_child() noexcept override { return task_.unended(); }
    void child_ended(child_task&) noexcept override {
        unset();
        one_less();
    }
    // Everything that happened before the deadline has been delivered. The tasks that these events resumed run in this
    // turn and may end the child, so the first call only sets the timer again.
    void overdue() override {
        if (!std::exchange(has_delivered_, true)) return set(until_);
        late_ = !child_.is_cancelled();
        child_.cancel();
    }

    child_task child_;
    task<T> task_;
    deadline until_;
    bool has_delivered_ = false;  // the next overdue() cancels the child
    bool late_ = false;
};

}  // namespace internal
}  // namespace weir
