// The version of these headers. CMakeLists.txt reads the version from this file.
#pragma once

#include "weir/base/language.h"

#include <string_view>

namespace [[gnu::visibility("default")]] weir {

// The version of these headers, according to Semantic Versioning. Before 1.0, any minor version may break
// compatibility.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr std::string_view version = "0.1.0";

}  // namespace weir
