#include "weir/base/check.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdint>
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

void check_failed_in_code(std::string_view condition, std::string_view message, const void* code) noexcept {
    const auto* const call = static_cast<const char*>(code) - 1;  // the instruction after it may belong to another line
    Dl_info found{};
    link_map* loaded = nullptr;
    if (::dladdr1(call, &found, reinterpret_cast<void**>(&loaded), RTLD_DL_LINKMAP) == 0) loaded = nullptr;
    const char* const program = loaded == nullptr ? "?" : found.dli_fname;
    const auto place = reinterpret_cast<std::uintptr_t>(call) - (loaded == nullptr ? 0 : loaded->l_addr);
    std::fprintf(stderr, "weir: check failed at %s+0x%jx: %.*s: %.*s\n", program, std::uintmax_t{place},
                 static_cast<int>(condition.size()), condition.data(), static_cast<int>(message.size()),
                 message.data());
    std::fprintf(stderr, "weir: addr2line -Cife %s 0x%jx prints the line, if the program was compiled with -g\n",
                 program, std::uintmax_t{place});
    std::fflush(stderr);
    std::abort();
}

}  // namespace weir
