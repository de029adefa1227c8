// The common base of uring_stream and epoll_stream, which are streams on kernel sockets. Private.
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
    result<credentials> peer_credentials() const final;
    void limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept final;
    std::size_t untaken() const noexcept final { return unsent() + unacknowledged_bytes_of(fd()).value_or(0); }
    result<kernel_view> ask_kernel() const final { return view_of(descriptor_.fd()); }

    bool has_socket() const noexcept final { return true; }

    int fd() const noexcept { return descriptor_.fd(); }

protected:
    // Owns a connected socket.
    explicit kernel_stream(weir::socket connected) noexcept
        : family_(connected.family()), may_leave_some_(family_ == address_family::local),
          descriptor_(connected.release()) {}
    ~kernel_stream() override = default;

    // Reads once, into the user's room or a block. Returns nothing when no bytes are available. `is_readable` becomes
    // true when more bytes may be available: the read filled all its room, or a short read may leave some.
    std::optional<arrival> read(kernel_backend& backend, block_size& size, bool& is_readable);
    // Sends what the kernel takes now. Returns nothing when bytes are left; the kernel reports when it has room.
    std::optional<outcome> send_now(buffer& bytes);
    std::optional<outcome> send_now(send_queue& queue);
    // Returns the socket, in blocking mode. After that the stream can only be destroyed.
    weir::socket take_socket() noexcept;
    // Makes close(2) reset the connection and drop the data that was not delivered, instead of ending the stream.
    void reset_at_close() noexcept;

    // Notes that, from now on, a read that does not fill its room may leave available bytes. Call it when an end or an
    // error is announced, or when out-of-band data splits the bytes. A Unix socket needs no call: passed descriptors
    // may always split its bytes.
    void short_reads_may_leave_some() noexcept { may_leave_some_ = true; }
    bool may_leave_some() const noexcept { return may_leave_some_; }

    const address_family family_;

private:
    bool may_leave_some_;

protected:
    descriptor descriptor_;
};

}  // namespace weir::internal
