// How much memory this process may use. Private.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace weir::internal {

// Returns bytes: the machine's memory or the least limit of the cgroups(7) of this process, whichever is less. Read
// once.
std::size_t memory_allowed() noexcept;

// Returns the least limit of the cgroups in `list`, the text of /proc/self/cgroup, and of those above them. Controllers
// are mounted under `root`, as in /sys/fs/cgroup: both versions together, or version 2 alone. Returns nothing when none
// has a limit.
std::optional<std::size_t> cgroup_memory_limit(const std::string& list, const std::string& root);

}  // namespace weir::internal
