// What the test program allocates and asks of the kernel, counted; and one of these that fails, once. The whole program
// allocates through the replacements in injected.cc, makes its calls through those in injected_calls.cc,
// injected_uring.cc and injected_threads.cc (-Wl,--wrap). Each thread has its own count.
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

// On which threads something fails: on this one, or on those that are started meanwhile. The latter have one count
// together.
enum class failing : std::uint8_t { this_thread, started_threads };

// While it lives, the nth allocation or fallible call of these threads fails, counted from 1 and from its beginning,
// and so many in all.
class injected_failure {
public:
    explicit injected_failure(std::size_t nth, std::size_t in_a_row = 1, failing where = failing::this_thread) noexcept;
    injected_failure(const injected_failure&) = delete;
    injected_failure& operator=(const injected_failure&) = delete;
    ~injected_failure();

    // No further one fails.
    static void disarm() noexcept;
    // What failed first: "operator new", "recv", "IORING_OP_RECV", "a thread"...; null while nothing has.
    static const char* failed() noexcept;
};

// While it lives, the allocations of OpenSSL on this thread are among those that may fail.
class openssl_fails {
public:
    openssl_fails() noexcept;
    openssl_fails(const openssl_fails&) = delete;
    openssl_fails& operator=(const openssl_fails&) = delete;
    ~openssl_fails();
};

// While it lives, no allocation of this thread succeeds.
class no_memory_here {
public:
    no_memory_here() noexcept;
    no_memory_here(const no_memory_here&) = delete;
    no_memory_here& operator=(const no_memory_here&) = delete;
    ~no_memory_here();
};

// A host name with two addresses: 127.0.0.2, and then 127.0.0.1.
inline constexpr const char* two_addresses = "two.example";

// For the replacements: whether the call that is made now has to fail.
bool fails_now(const char* what) noexcept;
// As a call that fails with this.
int refused(int number) noexcept;
// What this thread starts while failures are injected into started threads is one of them.
bool starts_failing_threads() noexcept;
void is_started_thread() noexcept;

}  // namespace weir_test
