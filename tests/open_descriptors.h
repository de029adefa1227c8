// Counts the open descriptors of this process.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace weir_test {

inline std::size_t open_descriptors() {
    const std::filesystem::directory_iterator open("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

}  // namespace weir_test
