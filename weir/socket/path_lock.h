// Keeps servers of one user that start on one Unix path at once apart. Private.
#pragma once

#include <cstdint>
#include <string>

#include "weir/socket/descriptor.h"

namespace weir {

// flock(2) on a file of its own beside the socket, PATH.weir-lock. The file is there while a server starts, and removed
// afterwards; one that a killed server left is used and removed by the next. Nobody else can hold the lock: the file
// belongs to this user, and its mode lets no other user open it. A file there that is anything else (another user's, a
// link, one that others may open) is not touched, and there is no lock then. Thread safety: one thread at a time.
class path_lock {
public:
    enum class state : std::uint8_t {
        held,
        busy,  // another server of this user held it for a second
        none   // no such file can be had
    };

    // Waits for it, a second at most.
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

}  // namespace weir
