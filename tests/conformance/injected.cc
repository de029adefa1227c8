#include "tests/conformance/injected.h"

#include <malloc.h>

#include <cerrno>
#include <cstdlib>
#include <new>

namespace weir_test {
namespace {

// Which calls have to fail, on the threads that share this plan.
struct plan {
    std::atomic<std::size_t> left = 0;  // calls until the first failure; 0: none fails
    std::atomic<std::size_t> row = 0;   // the number of failures
    std::atomic<const char*> first = nullptr;

    void begin(std::size_t nth, std::size_t in_a_row) noexcept {
        first = nullptr;
        row = in_a_row;
        left = nth;
    }
    bool fails_now(const char* what) noexcept {
        std::size_t now = left;
        while (now > 1) {
            if (left.compare_exchange_weak(now, now - 1)) return false;
        }
        if (now == 0) return false;
        const char* none = nullptr;
        first.compare_exchange_strong(none, what);
        if (row.fetch_sub(1) == 1) left = 0;
        return true;
    }
};

constinit thread_local plan of_this_thread;
constinit plan of_started_threads;
constinit thread_local bool is_started = false;
constinit thread_local bool has_memory = true;
constinit thread_local failing injected_into = failing::this_thread;
constinit thread_local bool is_injecting = false;

plan& injected() noexcept { return injected_into == failing::this_thread ? of_this_thread : of_started_threads; }

void* allocate(std::size_t size) {
    ++counted::allocations;
    if (!has_memory || fails_now("operator new")) throw std::bad_alloc();
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    counted::living_bytes += malloc_usable_size(memory);
    return memory;
}

void release(void* memory) noexcept {
    counted::living_bytes -= malloc_usable_size(memory);
    std::free(memory);
}

}  // namespace

std::size_t counted::allocations = 0;
std::atomic<std::size_t> counted::living_bytes = 0;
std::size_t counted::receives = 0;
std::size_t counted::sends = 0;
std::size_t counted::waits = 0;

bool fails_now(const char* what) noexcept { return (is_started ? of_started_threads : of_this_thread).fails_now(what); }

int refused(int number) noexcept {
    errno = number;
    return -1;
}

bool starts_failing_threads() noexcept {
    return is_started || (is_injecting && injected_into == failing::started_threads);
}
void is_started_thread() noexcept { is_started = true; }

injected_failure::injected_failure(std::size_t nth, std::size_t in_a_row, failing where) noexcept {
    is_injecting = true;
    injected_into = where;
    injected().begin(nth, in_a_row);
}
injected_failure::~injected_failure() {
    is_injecting = false;
    disarm();
}
void injected_failure::disarm() noexcept { injected().left = 0; }
const char* injected_failure::failed() noexcept { return injected().first; }
no_memory_here::no_memory_here() noexcept { has_memory = false; }
no_memory_here::~no_memory_here() { has_memory = true; }

}  // namespace weir_test

void* operator new(std::size_t size) { return weir_test::allocate(size); }
void* operator new[](std::size_t size) { return weir_test::allocate(size); }
void operator delete(void* memory) noexcept { weir_test::release(memory); }
void operator delete[](void* memory) noexcept { weir_test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { weir_test::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { weir_test::release(memory); }
