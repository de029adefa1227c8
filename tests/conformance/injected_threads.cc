// Makes the start of a thread fail, and injects failures into started threads: see injected.h.
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "tests/conformance/injected.h"

namespace {

// Runs the function of a started thread, with failures injected. Allocating this object itself never fails.
class started final : public std::thread::_State {
public:
    explicit started(std::thread::_State_ptr runs) noexcept : runs_(std::move(runs)) {}

    static void* operator new(std::size_t size) {
        void* const memory = std::malloc(size);
        if (memory == nullptr) throw std::bad_alloc();
        return memory;
    }
    static void operator delete(void* memory) noexcept { std::free(memory); }

private:
    void _M_run() override {
        weir_test::is_started_thread();
        runs_->_M_run();
        runs_.reset();
    }

    std::thread::_State_ptr runs_;
};

}  // namespace

// The original std::thread::_M_start_thread(), and its replacement.
void really_start(std::thread*, std::thread::_State_ptr, void (*)()) __asm__(
    "__real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE");
void start(std::thread*, std::thread::_State_ptr, void (*)()) __asm__(
    "__wrap__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE");
void start(std::thread* made, std::thread::_State_ptr runs, void (*depends)()) {
    if (weir_test::fails_now("a thread"))
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    if (weir_test::starts_failing_threads()) runs = std::thread::_State_ptr(new started(std::move(runs)));
    really_start(made, std::move(runs), depends);
}
