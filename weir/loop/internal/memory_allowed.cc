#include "weir/loop/internal/memory_allowed.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Returns the least limit of a cgroup and of all cgroups above it. A missing file, or one that contains `max`, means
// that there is no limit.
std::size_t least_limit(const std::string& mounted, std::string group, const char* file) {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (;;) {
        std::string text = content_of(mounted + group + "/" + file);
        if (text.ends_with('\n')) text.pop_back();
        if (const auto bytes = parse_unsigned(text)) least = std::min<std::size_t>(least, *bytes);
        if (group.empty() || group == "/") return least;
        group.erase(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
    }
}

std::size_t memory_of_machine() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page <= 0) return std::numeric_limits<std::size_t>::max();
    return static_cast<std::size_t>(pages) * static_cast<std::size_t>(page);
}

std::size_t read_memory_allowed() noexcept {
    const std::size_t machine = memory_of_machine();
    try {
        const auto limit = cgroup_memory_limit(content_of("/proc/self/cgroup"), "/sys/fs/cgroup");
        return limit ? std::min(machine, *limit) : machine;
    } catch (const std::exception&) {  // no memory for the text
        return machine;
    }
}

}  // namespace

// Lines are NUMBER:CONTROLLERS:PATH, with NUMBER 0 and no controllers for version 2.
std::optional<std::size_t> cgroup_memory_limit(const std::string& list, const std::string& root) {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    std::istringstream lines(list);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string group = line.substr(second + 1);
        if (controllers == ",,") {
            least = std::min(least, least_limit(root, group, "memory.max"));
            least = std::min(least, least_limit(root + "/unified", group, "memory.max"));
        } else if (controllers.find(",memory,") != std::string::npos) {
            least = std::min(least, least_limit(root + "/memory", group, "memory.limit_in_bytes"));
        }
    }
    constexpr std::size_t no_limit = std::size_t{1} << 60;  // without a limit, version 1 reports PAGE_COUNTER_MAX
    return least < no_limit ? std::optional(least) : std::nullopt;
}

std::size_t memory_allowed() noexcept {
    static const std::size_t bytes = read_memory_allowed();
    return bytes;
}

}  // namespace weir::internal
