// Calls several functions of a program, and continues with the next one if one throws. Private.
#pragma once

#include <exception>

namespace weir::internal {

// Its destructor throws the first exception that a call has thrown, unless another one is in flight. Thread safety: one
// thread at a time.
class exception_collector {
public:
    exception_collector() noexcept = default;
    exception_collector(const exception_collector&) = delete;
    exception_collector& operator=(const exception_collector&) = delete;
    ~exception_collector() noexcept(false) {
        if (first_ && std::uncaught_exceptions() == 0) std::rethrow_exception(first_);
    }

    template <class Function>
    void call(const Function& one) noexcept {
        try {
            one();
        } catch (...) {
            if (!first_) first_ = std::current_exception();
        }
    }

private:
    std::exception_ptr first_;
};

}  // namespace weir::internal
