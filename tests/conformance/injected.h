// Counts the allocations and system calls of the test program, and makes chosen ones fail. injected.cc replaces
// operator new; injected_calls.cc, injected_uring.cc and injected_threads.cc replace other calls (-Wl,--wrap). Each
// thread counts its own calls.
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

// The threads on which calls fail: this thread, or all threads that are started while failures are injected. The
// started threads share one count.
enum class failing : std::uint8_t { this_thread, started_threads };

// While this object exists, `in_a_row` allocations or fallible calls of these threads fail, beginning with the nth. The
// count begins with 1 when the object is constructed.
class injected_failure {
public:
    explicit injected_failure(std::size_t nth, std::size_t in_a_row = 1, failing where = failing::this_thread) noexcept;
    injected_failure(const injected_failure&) = delete;
    injected_failure& operator=(const injected_failure&) = delete;
    ~injected_failure();

    // From now on no call fails.
    static void disarm() noexcept;
    // Returns what failed first: "operator new", "recv", "IORING_OP_RECV", "a thread"...; null if nothing has failed.
    static const char* failed() noexcept;
};

// While this object exists, the allocations of OpenSSL on this thread may fail, too.
class openssl_fails {
public:
    openssl_fails() noexcept;
    openssl_fails(const openssl_fails&) = delete;
    openssl_fails& operator=(const openssl_fails&) = delete;
    ~openssl_fails();
};

// While this object exists, every allocation of this thread fails.
class no_memory_here {
public:
    no_memory_here() noexcept;
    no_memory_here(const no_memory_here&) = delete;
    no_memory_here& operator=(const no_memory_here&) = delete;
    ~no_memory_here();
};

// A host name that resolves to two addresses: first 127.0.0.2, then 127.0.0.1.
inline constexpr const char* two_addresses = "two.example";

// Called by the replacements. Returns whether the current call has to fail.
bool fails_now(const char* what) noexcept;
// Sets errno to `number` and returns -1, as a failed call does.
int refused(int number) noexcept;
// Returns true while failures are injected into threads that this thread starts.
bool starts_failing_threads() noexcept;
void is_started_thread() noexcept;

}  // namespace weir_test
