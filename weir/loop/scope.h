// A scope: where child tasks live. It ends when all of them have ended; an error or an exception of one of them, and a
// cancel from outside, cancels the others.
//
//     weir::task<> greet(weir::scope& children, int guests) {
//         for (int i = 0; i < guests; ++i) children.spawn(serve(i));
//         co_return;                                        // the children go on
//     }
//     auto ended = co_await weir::in_scope(greet, 3);       // when greet and all children have ended
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>

#include "weir/base/result.h"
#include "weir/loop/together.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: its loop's thread alone.
class scope final : private ready_item, public waiting_for_children {
public:
    // Made by in_scope().
    scope() = default;
    ~scope() override;

    // The task begins when what is ready before it has run. One that is spawned after a cancel is cancelled from its
    // beginning. An error that it gives is the scope's, if it is the first.
    void spawn(task<> one);
    void spawn(task<result<void>> one);

    // Cancels every child, and those that are spawned later.
    void cancel() noexcept;
    // How many have not ended.
    std::size_t children() const noexcept { return living_; }

    // For in_scope().
    result<void> await_resume();

private:
    struct member;

    template <class T>
    void adopt(task<T> one);
    void begin_children(loop&) override {}
    void cancel_children() noexcept override { cancel(); }
    void child_ended(child& one) noexcept override;
    task_promise* next_child() noexcept override;
    void child_taken(child& one) noexcept override;
    void retire(member& one) noexcept;
    void run() override;
    void destroy(member* list) noexcept;

    member* first_ = nullptr;  // living
    member* ended_ = nullptr;  // to be destroyed in run(), or with the scope: not in the call in which they end
    std::size_t living_ = 0;
    std::exception_ptr thrown_;
    std::optional<error> failure_;
    bool cancelled_ = false;
};

// Runs `body(scope, arguments...)` in a new scope. Gives the first error that a child gave, or throws what was thrown
// first.
template <class Body, class... Arguments>
task<result<void>> in_scope(Body body, Arguments... arguments) {
    static_assert(std::is_empty_v<Body> || std::is_pointer_v<Body>,
                  "a lambda that captures is gone before its coroutine ends: pass what it needs as arguments");
    scope children;
    children.spawn(body(children, std::move(arguments)...));
    co_return co_await children;
}

}  // namespace weir
