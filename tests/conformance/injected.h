// What the test program allocates and asks of the kernel, counted; and one of these that fails, once. The whole program allocates through
// the replacements in injected.cc, and makes these calls (-Wl,--wrap). Each thread has its own count.
#pragma once

#include <atomic>
#include <cstddef>

namespace weir_test {

namespace counted {
extern std::size_t allocations;                // of the loop's thread, in tests that have one
extern std::atomic<std::size_t> living_bytes;  // of all threads
extern std::size_t receives;
extern std::size_t sends;
extern std::size_t waits;
}  // namespace counted

// While it lives, the nth allocation or fallible call of this thread fails, counted from 1 and from its beginning, and so many in all.
class injected_failure {
public:
    explicit injected_failure(std::size_t nth, std::size_t in_a_row = 1) noexcept;
    injected_failure(const injected_failure&) = delete;
    injected_failure& operator=(const injected_failure&) = delete;
    ~injected_failure();

    // No further one fails.
    static void disarm() noexcept;
    // What failed first: "operator new", "recv"...; null while nothing has.
    static const char* failed() noexcept;
};

// While it lives, no allocation of this thread succeeds.
class no_memory_here {
public:
    no_memory_here() noexcept;
    no_memory_here(const no_memory_here&) = delete;
    no_memory_here& operator=(const no_memory_here&) = delete;
    ~no_memory_here();
};

}  // namespace weir_test
