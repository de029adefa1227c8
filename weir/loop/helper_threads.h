// Threads for what blocks: looking up names, reading files. They start when they are needed and
// are joined at the end. Private.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace weir {

// Thread safety: any thread, but for construction and destruction.
class helper_threads {
public:
    // At most so many work at a time; what comes besides waits.
    static constexpr std::size_t most_threads = 8;

    helper_threads() = default;
    helper_threads(const helper_threads&) = delete;
    helper_threads& operator=(const helper_threads&) = delete;
    // Waits for what is being worked at; what waits is dropped.
    ~helper_threads();

    void run(std::function<void()> work);

private:
    void work_on();

    std::mutex lock_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool ending_ = false;
};

}  // namespace weir
