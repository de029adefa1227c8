// Servers on several loops, for all of which one accepts. They get connections in turn; a server that is full, or has
// many more connections than another one, is left out. No loop wakes for a connection that another one takes. Private.
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

namespace weir {

// Thread safety: any thread, each with its own target; join() and deal() as they say.
class accept_dispatcher : public std::enable_shared_from_this<accept_dispatcher> {
public:
    // How many connections more than another server one may have, and a sixteenth of those of the other besides, before
    // it is left out.
    static constexpr std::size_t most_apart = 32;

    // A connection that belongs to no loop yet.
    struct dealt {
        socket connection;
        address peer;
    };

    // One of the servers.
    class target {
    private:
        friend class accept_dispatcher;
        target(remote where, std::optional<std::size_t> most, std::function<void()> rung)
            : where_(std::move(where)), most_(most), rung_(std::move(rung)) {}

        const remote where_;
        const std::optional<std::size_t> most_;  // connections; none: any number
        std::function<void()> rung_;             // of its own thread; empty when it has left
        // Guarded by the dispatcher's lock.
        std::size_t open_ = 0;  // connections that it has, or that wait for it
        std::list<dealt> waiting_;
        bool waits_for_end_ = false;
        remote::prepared rings_at_end_;  // while it waits for one: an end needs no memory
        bool is_rung_ = false;
    };
    using shared_target = std::shared_ptr<target>;

    // For a server on this loop, of at most so many connections. `rung` is called on its thread when connections wait
    // for it, or when there is room again. Not while deal() goes on.
    shared_target join(const loop& here, std::optional<std::size_t> most, std::function<void()> rung);
    // It gets no more connections and is not rung any more. Those that wait for it are reset.
    void leave(target& one) noexcept;
    std::size_t size() const noexcept;

    // True when all servers are full. Then `accepting` is rung when one of them is not.
    bool waits_for_room(const shared_target& accepting);
    // Rings `accepting` when any connection ends: there may be descriptors again.
    void ring_at_end(const shared_target& accepting);
    // Gives `one` to the server that is next, and counts it there. Returns it when that is `accepting` itself. Resets
    // it when all are full, and when there is no memory (std::bad_alloc). On the thread of `accepting`, which is always
    // the same server.
    std::optional<dealt> deal(dealt one, const target& accepting);

    // The next one that waits for this server.
    std::optional<dealt> take(target& mine);
    // One of its connections is over.
    void ended(target& mine) noexcept;

private:
    static bool has_room(const target& one) noexcept { return !one.most_ || one.open_ < *one.most_; }
    std::optional<std::size_t> next() const noexcept;
    remote::prepared ring_of(const shared_target& one);
    void reset_waiting(target& one) noexcept;

    mutable std::mutex lock_;
    std::vector<shared_target> targets_;
    std::size_t turn_ = 0;  // the place of the next server in turn
};

}  // namespace weir
