#include "tool/tls/key_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include <weir/socket/descriptor.h>

#include "tool/command/talk.h"

namespace weir_tool {

std::function<void(std::string_view line)> key_log_of_environment(const tls_warning& warn) {
    const char* const path = std::getenv("SSLKEYLOGFILE");
    if (path == nullptr || *path == '\0') return {};
    constexpr int for_its_owner = 0600;
    auto file = std::make_shared<const weir::descriptor>(
        ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, for_its_owner));
    if (!file->valid()) {
        warn(fmt::format("SSLKEYLOGFILE {}: {}: no secrets are written", show(path),
                         std::generic_category().message(errno)));
        return {};
    }
    return [file = std::move(file)](std::string_view line) {
        // One write(2) writes the whole line: with O_APPEND, the lines of several threads are not mixed. A failed write
        // must not end the connection.
        const std::string whole = fmt::format("{}\n", line);
        while (::write(file->fd(), whole.data(), whole.size()) < 0 && errno == EINTR) {
        }
    };
}

}  // namespace weir_tool
