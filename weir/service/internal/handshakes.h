// The connections of a server that are going through its wrappers, before they have a channel. Private.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "weir/coroutine/internal/child_task.h"
#include "weir/coroutine/task.h"
#include "weir/loop/byte_stream.h"
#include "weir/stream/internal/connection_counters.h"
#include "weir/stream/wrapper.h"

namespace weir::internal {

class handshake_line;

// Thread safety: its loop's thread alone.
class handshakes {
public:
    // The receiver of the results. During these calls the user may begin further handshakes or cancel all of them.
    class user {
    public:
        virtual void on_wrapped(owned_stream made, const address& connected_to,
                                std::unique_ptr<peer_facts> facts) noexcept = 0;
        // Called after the connection was closed.
        virtual void on_handshake_failed(const address& connected_to, const error& why) noexcept = 0;

    protected:
        ~user() = default;
    };

    // `most` limits the number of handshakes at a time. When one more begins, the handshake whose peer has made no
    // progress for the longest time is dropped. The objects that the arguments refer to must exist as long as this
    // object does.
    handshakes(user& of, const wrappers& through, std::optional<std::size_t> most, connection_counters& counters);
    handshakes(const handshakes&) = delete;
    handshakes& operator=(const handshakes&) = delete;
    // Closes the connections that are still in a handshake.
    ~handshakes();

    // Takes ownership of the stream; after std::bad_alloc the caller still owns it.
    void begin(owned_stream& below, const address& connected_to);
    std::size_t count() const noexcept { return all_.size(); }
    // Cancels all handshakes: they end with errc::cancelled in later turns.
    void cancel_all() noexcept;

private:
    // One connection, and its task.
    struct connection final : ready_item, child_task_owner {
        connection(handshakes& owner, const address& peer) : of(owner), connected_to(peer) {}
        void child_ended(child_task&) noexcept override { loop::current().make_ready(*this); }
        // Called after the task has ended. Destroys its coroutine frame and this object.
        void run() override { of.end(*this); }

        handshakes& of;
        const address connected_to;
        owned_stream below;  // until the task begins
        std::unique_ptr<peer_facts> facts = std::make_unique<peer_facts>();
        child_task child;  // the task; its coroutine frame, in `wraps`, is destroyed first
        std::optional<task<result<owned_stream>>> wraps;
        std::size_t place = 0;
    };

    void end(connection& which) noexcept;
    std::unique_ptr<connection> take_out(connection& which) noexcept;

    user& user_;
    const wrappers& through_;
    const std::optional<std::size_t> most_;
    connection_counters& counters_;
    const std::unique_ptr<handshake_line> line_;
    std::vector<std::unique_ptr<connection>> all_;
};

}  // namespace weir::internal
