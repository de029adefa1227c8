// Counts the allocations and system calls of the test program, and makes chosen ones fail. The whole program allocates
// through the replacements in injected.cc, and makes its calls through those in injected_calls.cc, injected_uring.cc
// and injected_threads.cc (-Wl,--wrap). Each thread has its own count.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir_test {

namespace counted {
extern std::size_t allocations;                // of the loop's thread, in tests that have one
extern std::atomic<std::size_t> living_bytes;  // of all threads
extern std::size_t receives;
extern std::size_t sends;
extern std::size_t waits;
}  // namespace counted

// The threads on which calls fail: this one, or those that are started while failures are injected. The latter share
// one count.
enum class failing : std::uint8_t { this_thread, started_threads };

// While it exists, `in_a_row` allocations or fallible calls of these threads fail, beginning with the nth. The count
// begins with 1 when the object is made.
class injected_failure {
public:
    explicit injected_failure(std::size_t nth, std::size_t in_a_row = 1, failing where = failing::this_thread) noexcept;
    injected_failure(const injected_failure&) = delete;
    injected_failure& operator=(const injected_failure&) = delete;
    ~injected_failure();

    // No further call fails.
    static void disarm() noexcept;
    // What failed first: "operator new", "recv", "IORING_OP_RECV", "a thread"...; null while nothing has.
    static const char* failed() noexcept;
};

// While it exists, the allocations of OpenSSL on this thread may fail, too.
class openssl_fails {
public:
    openssl_fails() noexcept;
    openssl_fails(const openssl_fails&) = delete;
    openssl_fails& operator=(const openssl_fails&) = delete;
    ~openssl_fails();
};

// While it exists, no allocation of this thread succeeds.
class no_memory_here {
public:
    no_memory_here() noexcept;
    no_memory_here(const no_memory_here&) = delete;
    no_memory_here& operator=(const no_memory_here&) = delete;
    ~no_memory_here();
};

// A host name with two addresses: 127.0.0.2, and then 127.0.0.1.
inline constexpr const char* two_addresses = "two.example";

// For the replacements: returns whether the current call has to fail.
bool fails_now(const char* what) noexcept;
// Sets errno to `number` and returns -1, as a failed call does.
int refused(int number) noexcept;
// Returns true while failures are injected into threads that this thread starts.
bool starts_failing_threads() noexcept;
void is_started_thread() noexcept;

}  // namespace weir_test
