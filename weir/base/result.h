// result<T> holds either a value or an error. weir has this class instead of std::expected, so that the ABI does not
// depend on -std. Reading the value of a failed result is a programming mistake: WEIR_CHECK prints the error and
// aborts, in every build.
#pragma once

#include <source_location>
#include <utility>
#include <variant>

#include "weir/base/check.h"
#include "weir/base/error.h"

namespace [[gnu::visibility("default")]] weir {

// A value, or an error. Test the result before you read its value. Thread safety: a value; as safe as T.
template <class T>
class [[nodiscard("this call may have failed: `auto done = ...; if (!done) return done.error().print();`")]] result {
public:
    using value_type = T;  // the type of the value

    // Makes a success with this value, or a failure with this error, whose code must not be errc::none.
    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(weir::error failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    // Returns whether the result has a value.
    explicit operator bool() const noexcept { return state_.index() == 0; }

    // Returns the value. Reading the value of a failed result fails a WEIR_CHECK. The check prints the error, and a
    // command that finds the source line of the read (check_failed_in_code()).
    [[gnu::always_inline]] T& operator*() & { return *found(); }
    [[gnu::always_inline]] const T& operator*() const& { return *const_cast<result*>(this)->found(); }
    [[gnu::always_inline]] T&& operator*() && { return std::move(*found()); }
    [[gnu::always_inline]] T* operator->() { return found(); }
    [[gnu::always_inline]] const T* operator->() const { return const_cast<result*>(this)->found(); }

    // Returns the error. A call on a result that has a value fails a WEIR_CHECK.
    const weir::error& error(std::source_location where = std::source_location::current()) const {
        WEIR_CHECK(state_.index() == 1, "result::error() of a result that has a value", where);
        return *std::get_if<1>(&state_);
    }

    // Returns whether the result is a failure with exactly this code.
    friend bool operator==(const result& one, errc code) noexcept {
        return one.state_.index() == 1 && *std::get_if<1>(&one.state_) == code;
    }

private:
    // This function is always inlined into its caller, like the operators, so that the return address of refuse() is in
    // the program's code. An operator cannot have a parameter for the place of its call. Converting its operand to a
    // type with such a parameter would put the converted object into the coroutine frame of `co_await f(*x)`.
    [[gnu::always_inline]] T* found() {
        T* const value = std::get_if<0>(&state_);
        if (value == nullptr) [[unlikely]]
            refuse();
        return value;
    }
    [[noreturn, gnu::cold, gnu::noinline]] void refuse() const {
        const std::string why = "the value of a failed result was read: " + error().message();
        check_failed_in_code("bool(result)", why, __builtin_return_address(0));
    }

    std::variant<T, weir::error> state_;
};

// Success, or an error.
template <>
class [[nodiscard(
    "this call may have failed: `auto done = ...; if (!done) return done.error().print();`")]] result<void> {
public:
    using value_type = void;  // it holds nothing on success

    result() noexcept = default;
    // Makes a failure. An error whose code is errc::none fails a WEIR_CHECK.
    result(weir::error failure) : failure_(std::move(failure)) {
        WEIR_CHECK(!(failure_ == errc::none), "a result was made from an error whose code is errc::none");
    }

    // Returns whether the operation succeeded.
    explicit operator bool() const noexcept { return failure_ == errc::none; }

    // Returns the error. A call on a result that succeeded fails a WEIR_CHECK.
    const weir::error& error(std::source_location where = std::source_location::current()) const {
        WEIR_CHECK(!(failure_ == errc::none), "result::error() of a result that succeeded", where);
        return failure_;
    }

    // Returns whether the result is a failure with exactly this code.
    friend bool operator==(const result& one, errc code) noexcept {
        return !(one.failure_ == errc::none) && one.failure_ == code;
    }

private:
    weir::error failure_{errc::none};
};

// A result that the caller may ignore, because a later call returns the failure again, or because most programs do not
// need it.
class ignorable_result : public result<void> {
public:
    using result<void>::result;
    // Makes an ignorable result from another result.
    ignorable_result(result<void> same) : result<void>(std::move(same)) {}
};

}  // namespace weir
