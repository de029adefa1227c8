// Owns one file descriptor and closes it. Knows nothing of what the descriptor is.
#pragma once

#include <cstdint>
#include <utility>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// Invariant: fd() is -1 (owns nothing) or an open descriptor that nobody else closes.
// Thread safety: one thread at a time.
class descriptor {
public:
    descriptor() noexcept = default;
    // Takes ownership; a negative number owns nothing.
    explicit descriptor(int fd) noexcept : fd_(fd < 0 ? -1 : fd) {}
    descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept {
        descriptor(std::move(other)).swap(*this);
        return *this;
    }
    ~descriptor();

    bool valid() const noexcept { return fd_ >= 0; }
    // Borrowed: still owned here. -1 when it owns nothing.
    int fd() const noexcept { return fd_; }
    // Gives ownership away.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    // Closes it. It owns nothing afterwards, whatever is returned: Linux frees the number even when close(2) fails, and
    // a second try could close a stranger's. So EINTR counts as success. Closing what is closed succeeds.
    result<void> close();

    void swap(descriptor& other) noexcept { std::swap(fd_, other.fd_); }

private:
    int fd_ = -1;
};

// Lets this process open as many descriptors as it may: its soft limit becomes the hard one, RLIMIT_NOFILE of
// getrlimit(2). A server needs one a connection, and the usual soft limit is 1,024. What it starts inherits it, also
// programs whose select(2) knows only 1,024. Gives the limit that holds now. Thread safety: any thread.
std::uint64_t allow_most_descriptors() noexcept;

}  // namespace weir
