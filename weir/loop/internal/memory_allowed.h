// Finds out how much memory this process may use. Private.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace weir::internal {

// Returns the memory of the machine or the least limit of the cgroups(7) of this process, whichever is less, in bytes.
// The values are read only once.
std::size_t memory_allowed() noexcept;

// Returns the least limit of the cgroups in `list`, and of the cgroups above them; nothing when none has a limit.
// `list` is the text of /proc/self/cgroup. The controllers of version 1 and 2 together, or of version 2 alone, are
// mounted under `root`, such as /sys/fs/cgroup.
std::optional<std::size_t> cgroup_memory_limit(const std::string& list, const std::string& root);

}  // namespace weir::internal
