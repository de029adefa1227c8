#include "tool/connect/socket_file.h"

#include <sys/stat.h>
#include <unistd.h>

namespace weir_tool {

socket_file::socket_file(const weir::address& here) {
    if (!here.is_path()) return;
    struct stat made{};
    if (::lstat(std::string(here.local_name()).c_str(), &made) != 0) return;
    path_ = here.local_name();
    device_ = made.st_dev;
    number_ = made.st_ino;
}

void socket_file::remove() const noexcept {
    struct stat found{};
    if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
    if (found.st_dev == device_ && found.st_ino == number_) ::unlink(path_.c_str());
}

}  // namespace weir_tool
