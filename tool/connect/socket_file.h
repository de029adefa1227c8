// Removes the file of a Unix socket when the server ends, unless another server has replaced the file with its own.
#pragma once

#include <cstdint>
#include <string>

#include <weir/base/address.h>

namespace weir_tool {

// The destructor removes the file. Does nothing for an address that is not a path.
class socket_file {
public:
    // Construct the object immediately after the server has begun to listen.
    explicit socket_file(const weir::address& here);
    socket_file(const socket_file&) = delete;
    socket_file& operator=(const socket_file&) = delete;
    ~socket_file() { remove(); }

    // May be called from any thread, and several times.
    void remove() const noexcept;

private:
    std::string path_;
    std::uint64_t device_ = 0;
    std::uint64_t number_ = 0;
};

}  // namespace weir_tool
