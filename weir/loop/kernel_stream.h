// What a stream of the machine's kernel is, whoever reads and writes it. Private.
#pragma once

#include "weir/loop/block_pool.h"
#include "weir/loop/byte_stream.h"
#include "weir/socket/kernel_view.h"
#include "weir/socket/socket.h"

namespace weir {

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

    // Reads once, into the user's room or a block; nothing when nothing is there. `is_readable`: all the room was
    // filled, there may be more.
    std::optional<arrival> read(kernel_backend& world, block_size& size, bool& is_readable);
    // Sends all that the kernel takes now; nothing: there is more, of which it will tell when it has room.
    std::optional<outcome> send_now(buffer& bytes);
    // Memory of what was sent.
    static void keep_spare(buffer& emptied) noexcept;
    // What was sent is dropped and the peer is told at once, instead of an end of the stream.
    void reset_at_close() noexcept;

    const address_family family_;
    descriptor descriptor_;
};

}  // namespace weir
