// A scope owns child tasks, and ends when all of them have ended. An error or an exception of one child cancels the
// others. A cancel of the task that waits for the scope cancels all children.
//
//     weir::task<> greet(weir::scope& children, int guests) {
//         for (int i = 0; i < guests; ++i) children.spawn(serve(i));
//         co_return;                                        // the children continue
//     }
//     auto ended = co_await weir::in_scope(greet, 3);       // when greet and all children have ended
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>

#include "weir/base/result.h"
#include "weir/coroutine/internal/children_awaiter.h"

namespace [[gnu::visibility("default")]] weir {

// A scope, the owner of child tasks. in_scope() makes it. Thread safety: its loop's thread alone.
class scope final : private internal::ready_item, public internal::children_awaiter {
public:
    // For in_scope().
    scope() = default;
    ~scope() override;

    // Starts the task. It runs after everything that is ready now. A task that is spawned after a cancel is cancelled
    // from the start. The first error of a task becomes the result of the scope.
    void spawn(task<> one);
    void spawn(task<result<void>> one);

    // Cancels all children, including those that are spawned later.
    void cancel() noexcept;
    // The number of children that have not ended.
    std::size_t children() const noexcept { return living_count_; }

    // For in_scope().
    result<void> await_resume();

private:
    struct member;

    template <class T>
    void adopt(task<T> one);
    void begin_children(loop&) override {}
    void cancel_children() noexcept override { cancel(); }
    void child_ended(internal::child_task& one) noexcept override;
    internal::task_promise* next_child() noexcept override;
    void child_taken(internal::child_task& one) noexcept override;
    void retire(member& one) noexcept;
    void run() override;
    static void destroy(internal::intrusive_list<member>& list) noexcept;

    internal::intrusive_list<member> living_;  // the one that began last is first
    internal::intrusive_list<member> ended_;  // destroyed in run() or with the scope, not in the call in which they end
    std::size_t living_count_ = 0;
    std::exception_ptr thrown_;
    std::optional<error> failure_;
    bool cancelled_ = false;
};

// Runs `body(scope, arguments...)` in a new scope. Returns the first error of a child, or throws the first exception.
template <class Body, class... Arguments>
task<result<void>> in_scope(Body body, Arguments... arguments) {
    static_assert(std::is_empty_v<Body> || std::is_pointer_v<Body>,
                  "a lambda that captures is destroyed before its coroutine ends: pass what it needs as arguments");
    scope children;
    children.spawn(body(children, std::move(arguments)...));
    co_return co_await children;
}

}  // namespace weir
