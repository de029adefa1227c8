#include "weir/socket/internal/native_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

static_assert(sizeof(sockaddr_storage) == native_address::room);
static_assert(std::is_same_v<socklen_t, unsigned>);

constexpr std::size_t name_offset = offsetof(sockaddr_un, sun_path);

// Reads a scope, netdevice(7): a number, or the name of an interface of this machine.
std::optional<std::uint32_t> scope_index(std::string_view scope) {
    if (scope.empty()) return 0;
    if (const auto number = parse_unsigned(scope); number && *number <= UINT32_MAX) {
        return static_cast<std::uint32_t>(*number);
    }
    const std::uint32_t index = if_nametoindex(std::string(scope).c_str());
    if (index == 0) return std::nullopt;
    return index;
}

std::string scope_text(std::uint32_t index) {
    if (index == 0) return {};
    std::array<char, IF_NAMESIZE> name{};
    if (if_indextoname(index, name.data()) != nullptr && address::valid_scope(name.data())) return name.data();
    return std::to_string(index);
}

address from_unix(const sockaddr_un& native, std::size_t size) {
    if (size <= name_offset) return address::local_unnamed();
    const std::string_view name(native.sun_path, std::min(size - name_offset, sizeof native.sun_path));
    // unix(7): a leading NUL makes the name abstract; then only the length marks its end. A path ends at its NUL, if it
    // has one.
    const auto made = name[0] == '\0' ? address::local_abstract(name.substr(1))
                                      : address::local_path(name.substr(0, name.find('\0')));
    return made ? *made : address();
}

}  // namespace

std::optional<address> name_of(int fd, int (*ask)(int, sockaddr*, unsigned*)) {
    native_address name;
    if (ask(fd, name.data(), &name.size) != 0) return {};
    return name.to_address();
}

// SO_PEERNAME fails if the given size is larger than the address, and truncates the address if the size is smaller. So
// this function tries the larger size first.
address name_of_former_peer(int fd) {
    for (const socklen_t size : {socklen_t{sizeof(sockaddr_in6)}, socklen_t{sizeof(sockaddr_in)}}) {
        native_address name;
        name.size = size;
        if (::getsockopt(fd, SOL_SOCKET, SO_PEERNAME, name.data(), &name.size) == 0) return name.to_address();
    }
    return {};
}

int native_family(address_family family) noexcept {
    switch (family) {
        case address_family::none: return AF_UNSPEC;
        case address_family::ipv4: return AF_INET;
        case address_family::ipv6: return AF_INET6;
        case address_family::local: return AF_UNIX;
    }
    return AF_UNSPEC;
}

template <class T>
void native_address::store(const T& native, std::size_t count) noexcept {
    static_assert(sizeof(T) <= room);
    std::memcpy(storage_.data(), &native, sizeof native);
    size = static_cast<unsigned>(count);
}

template <class T>
T native_address::load() const noexcept {
    T native{};
    std::memcpy(&native, storage_.data(), sizeof native);
    return native;
}

result<native_address> native_address::of(const address& from) {
    native_address made;
    if (from.family() == address_family::ipv4) {
        sockaddr_in native{};
        native.sin_family = AF_INET;
        native.sin_port = htons(from.port());
        std::memcpy(&native.sin_addr, from.ipv4_octets().data(), 4);
        made.store(native, sizeof native);
    } else if (from.family() == address_family::ipv6) {
        const auto index = scope_index(from.scope());
        if (!index) {
            return error(errc::not_found, "address", from.to_string(),
                         "this machine has no network interface named " + std::string(from.scope()));
        }
        sockaddr_in6 native{};
        native.sin6_family = AF_INET6;
        native.sin6_port = htons(from.port());
        native.sin6_scope_id = *index;
        std::memcpy(&native.sin6_addr, from.ipv6_octets().data(), 16);
        made.store(native, sizeof native);
    } else if (from.family() == address_family::local) {
        sockaddr_un native{};
        native.sun_family = AF_UNIX;
        const std::string_view name = from.local_name();
        // A path has a NUL after it, an abstract name has one before it, and an unnamed address has no byte at all.
        if (!name.empty()) std::memcpy(native.sun_path + (from.is_abstract() ? 1 : 0), name.data(), name.size());
        made.store(native, name_offset + name.size() + (from.is_unnamed() ? 0 : 1));
    } else {
        return error(errc::invalid, "address", "none", "this address was never set");
    }
    return made;
}

address native_address::to_address() const {
    if (size < sizeof(sa_family_t)) return {};
    switch (load<sockaddr>().sa_family) {
        case AF_INET: {
            const auto native = load<sockaddr_in>();
            std::array<std::uint8_t, 4> octets{};
            std::memcpy(octets.data(), &native.sin_addr, octets.size());
            return address::ipv4(octets, ntohs(native.sin_port));
        }
        case AF_INET6: {
            const auto native = load<sockaddr_in6>();
            std::array<std::uint8_t, 16> octets{};
            std::memcpy(octets.data(), &native.sin6_addr, octets.size());
            return address::ipv6(octets, ntohs(native.sin6_port), scope_text(native.sin6_scope_id));
        }
        case AF_UNIX: return from_unix(load<sockaddr_un>(), size);
        default: return {};
    }
}

}  // namespace weir::internal
