// What travels beside the bytes of a message: control messages, cmsg(3). Built from send_options, read into `received`.
// Private; the buffers are opaque, so that no system header is needed here.
#pragma once

#include <array>
#include <cstddef>

#include "weir/base/result.h"
#include "weir/socket/datagram.h"
#include "weir/socket/transfer_options.h"

struct msghdr;

namespace weir {

// Thread safety: a value; one thread at a time.
class ancillary {
public:
    // For sending. `is_ipv6` is the socket's family. errc::invalid for what cannot be said: too many descriptors, a
    // source address of the wrong family.
    static result<ancillary> outgoing(const send_options& how, bool is_ipv6);

    // Room for receiving so many descriptors and everything else that an option can ask for.
    static ancillary incoming(std::size_t descriptors) noexcept;

    // Points the header's control part here.
    void attach(msghdr& header) noexcept;

    // Takes over what arrived: at most `most` descriptors are kept, any other is closed. `about.descriptors` must have
    // that capacity already, so that nothing can throw while descriptors are unowned.
    static void take(msghdr& header, std::size_t most, received& about);

private:
    static constexpr std::size_t room = 2048;

    template <class T>
    void add(int level, int type, const T* values, std::size_t count) noexcept;

    alignas(16) std::array<std::byte, room> buffer_{};
    std::size_t size_ = 0;
};

}  // namespace weir
