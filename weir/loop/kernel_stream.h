// The common part of streams on sockets of the kernel, on both backends. Private.
#pragma once

#include "weir/loop/byte_stream.h"
#include "weir/loop/internal/block_pool.h"
#include "weir/socket/kernel_view.h"
#include "weir/socket/socket.h"

namespace weir::internal {

class kernel_backend;

class kernel_stream : public byte_stream {
public:
    std::optional<outcome> shutdown_send() final;
    address local_address() const final;
    address peer_address() const final;
    void limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept final;
    std::size_t untaken() const noexcept final { return unsent() + unsent_bytes_of(fd()).value_or(0); }
    result<kernel_view> ask_kernel() const final { return view_of(descriptor_.fd()); }

    int fd() const noexcept { return descriptor_.fd(); }

protected:
    // Owns a connected socket.
    explicit kernel_stream(weir::socket connected) noexcept
        : family_(connected.family()), descriptor_(connected.release()) {}
    ~kernel_stream() override = default;

    // Reads once, into the user's room or a block. Returns nothing when no bytes are there. Sets `is_readable` when all
    // the room was filled, so there may be more.
    std::optional<arrival> read(kernel_backend& backend, block_size& size, bool& is_readable);
    // Sends what the kernel takes now. Returns nothing when bytes are left; the kernel reports when it has room.
    std::optional<outcome> send_now(buffer& bytes);
    // close(2) then resets the peer and drops what was sent, instead of ending the stream.
    void reset_at_close() noexcept;

    const address_family family_;
    descriptor descriptor_;
};

}  // namespace weir::internal
