// Runs a task on a new loop of this thread, or on a loop that the program already has.
//
//     weir::task<int> main_task();
//     int main() { return weir::run(main_task()); }
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include "weir/coroutine/internal/child_task.h"
#include "weir/coroutine/task.h"
#include "weir/kernel/open_backend.h"
#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// A task that loop::run() runs. Its arguments exist until this object destroys the coroutine frame. Their destructors
// may begin to close connections; the loop then waits for these connections.
template <class T>
class main_task final : public loop_main {
public:
    main_task(loop& here, task<T> main) : here_(here), main_(std::move(main)) { first_.begin(*main_, here_); }
    main_task(const main_task&) = delete;
    main_task& operator=(const main_task&) = delete;
    ~main_task() noexcept(false) {
        {
            const loop::entered again(here_);
            main_.reset();
            first_.forget();
        }
        const std::exception_ptr thrown = here_.finish_closing();
        if (thrown && std::uncaught_exceptions() == exceptions_) std::rethrow_exception(thrown);
    }

    bool is_over() const noexcept override { return first_.has_ended(); }
    void cancel_main() noexcept override { first_.cancel(); }
    T take() { return main_->take(); }

private:
    loop& here_;
    child_task first_;
    std::optional<task<T>> main_;
    const int exceptions_ = std::uncaught_exceptions();
};

}  // namespace internal

// Runs the task on this loop; see loop::run().
template <class T>
T run_on(loop& here, task<T> main) {
    internal::main_task<T> running(here, std::move(main));
    here.run_until(running);
    return running.take();
}

// Runs the task on a new loop of this thread, with system_backend().
template <class T>
T run(task<T> main) {
    loop here(system_backend());
    return here.run(std::move(main));
}

}  // namespace weir
