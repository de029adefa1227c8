#include "weir/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace weir {

void check_failed(std::string_view condition, std::string_view message, std::source_location where) noexcept {
    std::fprintf(stderr, "weir: check failed at %s:%u: %.*s: %.*s\n", where.file_name(), where.line(),
                 static_cast<int>(condition.size()), condition.data(), static_cast<int>(message.size()),
                 message.data());
    std::fflush(stderr);
    std::abort();
}

}  // namespace weir
