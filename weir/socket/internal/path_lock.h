// A lock between servers of one user that start on the same Unix path at the same time. Private.
#pragma once

#include <cstdint>
#include <string>

#include "weir/socket/descriptor.h"

namespace weir::internal {

// flock(2) on a separate file beside the socket, PATH.weir-lock. The file exists while a server starts, and is removed
// afterwards. The next server uses and removes a file that a killed server left. No other user can hold the lock: the
// file belongs to this user, and its mode lets no other user open it. Any other file at this path (another user's, a
// link, one that others may open) is not touched; then there is no lock. Thread safety: one thread at a time.
class path_lock {
public:
    enum class state : std::uint8_t {
        held,
        busy,  // another server of this user held it for a second
        none   // the file cannot be created or used
    };

    // Waits for the lock, at most a second.
    explicit path_lock(const std::string& path);
    path_lock(const path_lock&) = delete;
    path_lock& operator=(const path_lock&) = delete;
    ~path_lock();

    state now() const noexcept { return state_; }
    const std::string& name() const noexcept { return name_; }

private:
    state take();

    std::string name_;
    descriptor file_;
    state state_;
};

}  // namespace weir::internal
