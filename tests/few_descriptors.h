// Limits how many descriptors the process may open.
#pragma once

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>

namespace weir_test {

// Lowers the soft limit of descriptors while this object exists: only numbers below `most` may be opened.
class few_descriptors {
public:
    explicit few_descriptors(std::size_t most) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit less = before_;
        less.rlim_cur = most;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &less) == 0);
    }
    few_descriptors(const few_descriptors&) = delete;
    few_descriptors& operator=(const few_descriptors&) = delete;
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

// Returns the lowest free descriptor number. few_descriptors with this number allows no new descriptor; with one more,
// it allows one.
inline std::size_t lowest_free_descriptor() {
    const int fd = ::dup(STDIN_FILENO);
    REQUIRE(fd >= 0);
    ::close(fd);
    return static_cast<std::size_t>(fd);
}

}  // namespace weir_test
