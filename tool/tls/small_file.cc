#include "tool/tls/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <weir/socket/descriptor.h>

namespace weir_tool {
namespace {

weir::error failed(const std::string& path) {
    const int why = errno;
    return weir::error(weir::errc::system, "read", path, std::generic_category().message(why), why);
}

}  // namespace

weir::result<std::string> read_small_file(const std::string& path) {
    constexpr std::size_t most = 16 << 20;
    const weir::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return failed(path);
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto size = ::read(file.fd(), piece.data(), piece.size());
        if (size == 0) return text;
        if (size > 0) {
            text.append(piece.data(), static_cast<std::size_t>(size));
        } else if (errno != EINTR) {
            return failed(path);
        }
        if (text.size() > most)
            return weir::error(weir::errc::too_large, "read", path, "the file has more than 16 MiB");
    }
}

}  // namespace weir_tool
