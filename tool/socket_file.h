// The file that a Unix socket leaves in its folder: removed at the end, unless another server has put its own there.
#pragma once

#include <cstdint>
#include <string>

#include <weir/base/address.h>

namespace weir_tool {

// Removes it when it goes. Does nothing for an address that is no path.
class socket_file {
public:
    // Right after listening there.
    explicit socket_file(const weir::address& here);
    socket_file(const socket_file&) = delete;
    socket_file& operator=(const socket_file&) = delete;
    ~socket_file() { remove(); }

    // From any thread, and more than once.
    void remove() const noexcept;

private:
    std::string path_;
    std::uint64_t device_ = 0;
    std::uint64_t number_ = 0;
};

}  // namespace weir_tool
