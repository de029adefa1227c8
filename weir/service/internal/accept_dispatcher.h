// Distributes the connections that one server accepts among servers on several loops. The servers get connections in
// turn; a server that is full, or has many more connections than another one, is skipped. No loop wakes for a
// connection that another loop gets. Private.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "weir/base/address.h"
#include "weir/loop/loop.h"
#include "weir/socket/socket.h"

namespace weir::internal {

// Thread safety: any thread; each thread uses only its own target. join() and assign() have further requirements.
class accept_dispatcher : public std::enable_shared_from_this<accept_dispatcher> {
public:
    // A server is skipped when it has more than `fewest` + most_apart + `fewest` / 16 connections. `fewest` is the
    // lowest number of connections among the servers that have room.
    static constexpr std::size_t most_apart = 32;

    // An accepted connection that belongs to no loop yet.
    struct accepted {
        socket connection;
        address peer;
    };

    // One of the servers.
    class target {
    private:
        friend class accept_dispatcher;
        target(remote where, std::optional<std::size_t> most, std::function<void()> wake)
            : where_(std::move(where)), most_(most), wake_(std::move(wake)) {}

        const remote where_;
        const std::optional<std::size_t> most_;  // the limit of connections; empty: no limit
        std::function<void()> wake_;             // called on the server's thread; empty after leave()
        // Guarded by the dispatcher's lock.
        std::size_t open_ = 0;  // its connections, and those that wait for take()
        std::list<accepted> waiting_;
        bool waits_for_end_ = false;
        remote::prepared wake_at_end_;  // prepared in advance, so that ended() needs no memory
        bool is_waking_ = false;
    };
    using shared_target = std::shared_ptr<target>;

    // Adds a server on this loop, with at most `most` connections. `wake` is called on its thread when connections wait
    // for it, or when the end of a connection may have made room. Requires that assign() is not running.
    shared_target join(const loop& here, std::optional<std::size_t> most, std::function<void()> wake);
    // Removes a server: it gets no further connections, and `wake` is not called again. Connections that wait for it
    // are reset.
    void leave(target& one) noexcept;
    std::size_t size() const noexcept;

    // Returns true when all servers are full. Then `accepting` is woken when a connection of any server ends.
    bool waits_for_room(const shared_target& accepting);
    // Asks for one call: `accepting` is woken when a connection of any server ends, because a descriptor may then be
    // free.
    void wake_at_end(const shared_target& accepting);
    // Assigns `one` to the next server in turn, and counts it there. Returns the connection when that server is
    // `accepting` itself. Resets the connection when all servers are full. If there is no memory, it closes the
    // connection and throws std::bad_alloc. Call it on the thread of `accepting`, which is always the same server.
    std::optional<accepted> assign(accepted one, const target& accepting);

    // Returns the next connection that waits for this server.
    std::optional<accepted> take(target& mine);
    // Call it when a connection of this server has ended.
    void ended(target& mine) noexcept;

private:
    static bool has_room(const target& one) noexcept { return !one.most_ || one.open_ < *one.most_; }
    std::optional<std::size_t> next() const noexcept;
    remote::prepared wake_of(const shared_target& one);
    void reset_waiting(target& one) noexcept;

    mutable std::mutex lock_;
    std::vector<shared_target> targets_;
    std::size_t turn_ = 0;  // the index of the next server in turn
};

}  // namespace weir::internal
