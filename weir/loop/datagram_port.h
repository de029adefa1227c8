// A datagram port: the interface of a loop to a bound or connected datagram socket.
#pragma once

#include <memory>
#include <optional>

#include "weir/base/address.h"
#include "weir/loop/borrowed_buffer.h"
#include "weir/loop/outcome.h"

namespace [[gnu::visibility("default")]] weir {

// A datagram that arrived. `full_size` is its whole size, even if it did not fit into `bytes`.
struct arrived_datagram {
    outcome how;                // good, or why receiving failed
    borrowed_buffer bytes;      // the payload, as far as it fits
    address from;               // the sender; address() if it has none
    std::size_t full_size = 0;  // bytes of the whole payload
};

// Receives and sends datagrams for a loop. close() destroys the port. Thread safety: its loop's thread alone.
class datagram_port {
public:
    // The largest datagram that is received whole, in bytes. UDP over IPv4 or IPv6 carries no larger one.
    static constexpr std::size_t most_bytes = 65'535;

    // The receiver of completions. Its functions must not close this port or call receive().
    class user {
    public:
        // Called when receive() has completed.
        virtual void on_received(arrived_datagram one) noexcept = 0;
        // Called when there is room again after a send that failed with would_block.
        virtual void on_writable() noexcept = 0;

    protected:
        ~user() = default;
    };

    datagram_port(const datagram_port&) = delete;
    datagram_port& operator=(const datagram_port&) = delete;

    // Sets the receiver of completions. Call it before the first operation. The receiver must exist as long as the port
    // is used.
    void set_user(user& one) noexcept { user_ = &one; }

    // Receives the next datagram. Completes at once, in the return value, or later, by one call of user::on_received().
    virtual std::optional<arrived_datagram> receive() = 0;
    // Withdraws receive(): user::on_received() will not be called.
    virtual void pause() noexcept = 0;
    // Sends one datagram to the address `to`, or to the connected peer when `to` is address(). After would_block,
    // user::on_writable() is called once there is room.
    virtual outcome send(bytes_view payload, const address& to) = 0;

    // Returns the local address, with the port that the kernel chose.
    virtual address local_address() const = 0;
    // Returns the address of the connected peer; address() when the port is not connected.
    virtual address peer_address() const = 0;
    // Closes the socket, and destroys the port.
    virtual void close() noexcept = 0;

protected:
    datagram_port() = default;
    virtual ~datagram_port() = default;

    user& current_user() const noexcept { return *user_; }

private:
    user* user_ = nullptr;
};

// The deleter of owned_port.
struct closes_port {
    // Closes the port.
    void operator()(datagram_port* one) const noexcept { one->close(); }
};
// Owns a port, and closes it when destroyed.
using owned_port = std::unique_ptr<datagram_port, closes_port>;

}  // namespace weir
