// result<T> holds a value, or the error that replaces it. It is our own small class, so that the ABI does not depend on
// -std. Reading the value of a failed result is a mistake of the programmer: WEIR_CHECK prints the error and aborts, in
// every build.
#pragma once

#include <utility>
#include <variant>

#include "weir/base/check.h"
#include "weir/base/error.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: a value; as safe as T.
template <class T>
class [[nodiscard]] result {
public:
    using value_type = T;

    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(weir::error failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    explicit operator bool() const noexcept { return state_.index() == 0; }

    T& operator*() & { return checked(); }
    const T& operator*() const& { return const_cast<result*>(this)->checked(); }
    T&& operator*() && { return std::move(checked()); }
    T* operator->() { return &checked(); }
    const T* operator->() const { return &const_cast<result*>(this)->checked(); }

    // The error. Calling it on a result that has a value is a WEIR_CHECK.
    const weir::error& error() const {
        WEIR_CHECK(state_.index() == 1, "result::error() of a result that has a value");
        return *std::get_if<1>(&state_);
    }

    // True if it failed with exactly this code.
    friend bool operator==(const result& one, errc code) noexcept {
        return one.state_.index() == 1 && *std::get_if<1>(&one.state_) == code;
    }

private:
    T& checked() {
        T* const value = std::get_if<0>(&state_);
        if (value == nullptr) [[unlikely]]
            refuse();
        return *value;
    }
    [[gnu::cold, gnu::noinline]] void refuse() const {
        WEIR_CHECK(state_.index() == 0, "the value was read of a result that failed: " + error().message());
    }

    std::variant<T, weir::error> state_;
};

// Success, or an error.
template <>
class [[nodiscard]] result<void> {
public:
    using value_type = void;

    result() noexcept = default;
    result(weir::error failure) : failure_(std::move(failure)) {
        WEIR_CHECK(!(failure_ == errc::none), "a result was made of an error that is none");
    }

    explicit operator bool() const noexcept { return failure_ == errc::none; }

    const weir::error& error() const {
        WEIR_CHECK(!(failure_ == errc::none), "result::error() of a result that succeeded");
        return failure_;
    }

    friend bool operator==(const result& one, errc code) noexcept {
        return !(one.failure_ == errc::none) && one.failure_ == code;
    }

private:
    weir::error failure_{errc::none};
};

// A result that the caller may ignore: a later call returns the failure again, or most programs do not need it.
class ignorable_result : public result<void> {
public:
    using result<void>::result;
    ignorable_result(result<void> same) : result<void>(std::move(same)) {}
};

}  // namespace weir
