#include "weir/socket/names/interface.h"

#include <net/if.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "weir/base/text.h"
#include "weir/socket/internal/system_error.h"

namespace weir {

result<unsigned> interface_index(std::string_view name) {
    if (const auto number = parse_unsigned(name); number && *number <= UINT32_MAX && *number != 0) {
        return static_cast<unsigned>(*number);
    }
    if (const unsigned index = ::if_nametoindex(std::string(name).c_str()); index != 0) return index;
    // Any other error means that there is no such interface; for example, the name may be empty or too long.
    const int number = errno == EMFILE || errno == ENFILE ? errno : ENODEV;
    return internal::error_of(number, "interface", std::string(name),
                              number == ENODEV ? "this machine has no network interface of that name" : "");
}

result<std::string> interface_name(unsigned index) {
    std::array<char, IF_NAMESIZE> name{};
    if (::if_indextoname(index, name.data()) != nullptr) return std::string(name.data());
    return internal::error_of(errno, "interface", std::to_string(index));
}

}  // namespace weir
