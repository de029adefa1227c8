// Does something when its time has come, on a thread of its own, unless it is gone before.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <weir/base/time.h>

namespace weir_tool {

class countdown {
public:
    explicit countdown(std::function<void()> at_zero);
    countdown(const countdown&) = delete;
    countdown& operator=(const countdown&) = delete;
    // Waits for `at_zero` when it is running.
    ~countdown();

    // From any thread, also several times: the earliest end counts.
    void start(weir::duration left);

private:
    void wait_for_zero();

    std::function<void()> at_zero_;
    std::mutex guard_;
    std::condition_variable changed_;
    weir::deadline zero_;
    bool gone_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace weir_tool
