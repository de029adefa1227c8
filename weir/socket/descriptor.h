// Owns one file descriptor of any kind and closes it.
#pragma once

#include <cstdint>
#include <utility>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// Owns a file descriptor. Invariant: fd() is -1 (owns nothing) or an open descriptor that only this object closes.
// Thread safety: one thread at a time.
class descriptor {
public:
    descriptor() noexcept = default;
    // Takes ownership of `fd`. With a negative number it owns nothing.
    explicit descriptor(int fd) noexcept : fd_(fd < 0 ? -1 : fd) {}
    // Take over the descriptor of `other`. The assignment closes the descriptor that this object owned.
    descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept {
        descriptor(std::move(other)).swap(*this);
        return *this;
    }
    ~descriptor();

    // Returns whether this object owns a descriptor.
    bool valid() const noexcept { return fd_ >= 0; }
    // Returns the descriptor, which this object still owns; -1 if it owns nothing.
    int fd() const noexcept { return fd_; }
    // Gives up ownership and returns the descriptor.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    // Closes the descriptor. Afterwards this object owns nothing, even after an error. Linux frees the number even if
    // close(2) fails, and a second close could close a descriptor of other code. So EINTR counts as success. A second
    // call succeeds.
    result<void> close();

    // Exchanges the descriptors.
    void swap(descriptor& other) noexcept { std::swap(fd_, other.fd_); }

private:
    int fd_ = -1;
};

// Raises the soft limit of open descriptors of this process to the hard limit, RLIMIT_NOFILE of getrlimit(2). A server
// needs one descriptor for each connection, and the usual soft limit is 1,024. Child processes inherit the limit,
// including programs whose select(2) supports only 1,024. Returns the limit now in force, or 0 if it cannot be read.
// Thread safety: any thread.
std::uint64_t allow_most_descriptors() noexcept;

}  // namespace weir
