// An acceptor: the interface of a loop to a listening socket.
#pragma once

#include <memory>
#include <optional>

#include "weir/base/address.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/outcome.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// An accepted connection, or the reason why accepting failed. The acceptor stays usable after no_descriptors and
// no_memory.
struct accepted_connection {
    outcome how;              // good, or why accepting failed
    owned_stream connection;  // null after a failure
    address peer;             // the peer's address, even if the peer has already reset the connection
    socket unowned{};         // instead of `connection`, after give_sockets()
};

// Accepts connections for a loop. One accept may be in progress at a time. close() destroys the acceptor. Thread
// safety: its loop's thread alone.
class acceptor {
public:
    // The receiver of completions. Its functions must not close this acceptor or call accept().
    class user {
    public:
        // Called when accept() has completed.
        virtual void on_accepted(accepted_connection one) noexcept = 0;

    protected:
        ~user() = default;
    };

    acceptor(const acceptor&) = delete;
    acceptor& operator=(const acceptor&) = delete;

    // Sets the receiver of completions. Call it before the first accept(). The receiver must exist while an accept is
    // in progress.
    void set_user(user& one) noexcept { user_ = &one; }

    // Accepts the next connection. Completes at once, in the return value, or later, by one call of
    // user::on_accepted(). A connection that ended before it was accepted is skipped. The acceptor takes no connection
    // from the queue in advance.
    virtual std::optional<accepted_connection> accept() = 0;
    // Withdraws accept(): user::on_accepted() will not be called, and connections stay in the queue.
    virtual void pause() noexcept = 0;

    // Makes accept() return sockets that belong to no loop yet. backend::adopt() takes them on any loop with a kernel
    // backend. Returns false when this acceptor cannot do that; accept() then returns streams as before.
    virtual bool give_sockets() noexcept { return false; }

    // Returns the address of the listener, with the port that the kernel chose.
    virtual address local_address() const = 0;
    // Closes the acceptor at once: its address becomes free, and connections in its queue are reset. The object must
    // not be used again.
    virtual void close() noexcept = 0;

protected:
    acceptor() = default;
    virtual ~acceptor() = default;

    user& current_user() const noexcept { return *user_; }

private:
    user* user_ = nullptr;
};

// The deleter of owned_acceptor.
struct closes_acceptor {
    // Closes the acceptor.
    void operator()(acceptor* one) const noexcept { one->close(); }
};
// Owns an acceptor, and closes it when destroyed.
using owned_acceptor = std::unique_ptr<acceptor, closes_acceptor>;

}  // namespace weir
