// Control messages, cmsg(3), which accompany the bytes of a message. They are built from send_options, and read into
// `received`. The buffers are opaque, so that no system header is needed here. Private.
#pragma once

#include <array>
#include <cstddef>

#include "weir/base/result.h"
#include "weir/socket/datagram.h"
#include "weir/socket/transfer_options.h"

struct msghdr;

namespace weir::internal {

// Thread safety: a value; one thread at a time.
class ancillary {
public:
    // Makes the control messages of a send. `is_ipv6` is true if the socket's family is IPv6. errc::invalid: too many
    // descriptors, or a source address of the wrong family.
    static result<ancillary> outgoing(const send_options& how, bool is_ipv6);

    // Makes room for receiving this number of descriptors and everything that an option can request.
    static ancillary incoming(std::size_t descriptors) noexcept;

    // Makes the control part of the header point to this buffer.
    void attach(msghdr& header) noexcept;

    // Moves the received control messages into `about`. It keeps at most `most` descriptors and closes the others.
    // Requires that `about.descriptors` has that capacity, so that nothing throws while descriptors are unowned.
    static void take(msghdr& header, std::size_t most, received& about);

private:
    static constexpr std::size_t room = 2048;

    template <class T>
    void add(int level, int type, const T* values, std::size_t count) noexcept;

    alignas(16) std::array<std::byte, room> buffer_{};
    std::size_t size_ = 0;
};

}  // namespace weir::internal
