// An address as system calls take and return it: sockaddr and its length. This file includes no system header. Private.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "weir/base/address.h"
#include "weir/base/result.h"

struct sockaddr;

namespace weir::internal {

// Room for any address (sockaddr_storage). Thread safety: a value.
class native_address {
public:
    static constexpr std::size_t room = 128;

    // Provides memory for an address that the kernel writes: pass data() and a pointer to a size that is `room`.
    native_address() noexcept = default;
    // Converts an address. Errors: not_found, if its scope names no interface; invalid, if it has no family.
    static result<native_address> of(const address& from);

    // Returns the address. If it is not an IPv4, IPv6 or Unix address, the result has no family.
    address to_address() const;

    sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(storage_.data()); }
    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(storage_.data()); }

    unsigned size = room;  // socklen_t: the number of used bytes; the kernel sets it

private:
    template <class T>
    void store(const T& native, std::size_t count) noexcept;
    template <class T>
    T load() const noexcept;

    alignas(16) std::array<std::byte, room> storage_{};
};

// Returns the address from getsockname(2) or getpeername(2), or nothing if the call fails; errno has the reason.
std::optional<address> name_of(int fd, int (*ask)(int, sockaddr*, unsigned*));
// Returns the peer of a connection that was reset: then getpeername(2) fails, but SO_PEERNAME still returns the
// address. The result has no family if there never was a peer.
address name_of_former_peer(int fd);

// Returns AF_INET, AF_INET6 or AF_UNIX; AF_UNSPEC for none.
int native_family(address_family family) noexcept;

}  // namespace weir::internal
