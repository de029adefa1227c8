// A connection of a simulated network: two ends, and what travels between them. Each end keeps the bytes that it has
// not sent yet and the bytes that arrived for it. This class does the work of TCP: order, the window, retransmission,
// half-close, reset. Private.
//
//     unsent ──send_segments()──▶ in_flight ──deliver_due()──▶ arrived (at the other end)
//        ▲                                                       │
//        └─────── window_opened(), after bytes were received ◀───┘
#pragma once

#include <deque>
#include <memory>

#include "weir/base/buffer.h"
#include "weir/sim/simulation.h"

namespace weir::sim::internal {

class stream;

// Exists as long as a stream, an acceptor's queue or an event refers to it. Thread safety: one thread.
class connection final : public std::enable_shared_from_this<connection> {
public:
    enum side : unsigned char { caller, called };
    static constexpr side other(side one) noexcept { return one == caller ? called : caller; }

    connection(simulation& shared, address from, address to);
    ~connection();

    simulation& shared() const noexcept { return shared_; }
    std::uint64_t number() const noexcept { return number_; }
    bool is_local() const noexcept { return to_.family() == address_family::local; }
    // The address of this end in the network.
    const address& here(side one) const noexcept { return one == caller ? from_ : to_; }

    // Sets the stream that is notified. An end has none before it is accepted, and after its user closed it.
    void attach(side one, stream* user) noexcept { ends_[one].attached = user; }

    // The bytes that arrived. The stream consumes them from the front and then calls window_opened().
    buffer& arrived(side one) noexcept { return ends_[one].arrived; }
    void window_opened(side one);
    // Returns true when no further bytes will arrive; how_ended() then returns the reason, once.
    bool has_ended(side one) const noexcept;
    outcome how_ended(side one);

    // Returns the reason for which sending is refused, or a good outcome if it is allowed. An error is reported once.
    outcome refusal(side one);
    // Returns how many bytes take() accepts now.
    std::size_t room(side one) const noexcept;
    void take(side one, bytes_view some);
    // Returns how many of the accepted bytes the other end has not received yet.
    std::size_t bytes_in_flight(side one) const noexcept {
        return ends_[one].unsent.size() + ends_[one].in_flight_bytes + ends_[other(one)].arrived.size();
    }

    outcome shut(side one);
    // Call it when the user has closed this end. Accepted bytes are still sent; over TCP only if `reset` is false and
    // this end has no unread bytes.
    void close(side one, bool reset);
    // Call it when the listener closed before this connection was accepted: the caller gets a reset, even on a Unix
    // socket.
    void reject();
    // Resets both ends and notifies them. Returns false when both were reset or closed before.
    bool reset_both();

    // A stream calls these to complete an operation on a later turn.
    void notify_readable(side one);
    void notify_writable(side one);

private:
    enum class packet : unsigned char { segment, end, reset };
    struct flight {
        packet what;
        bytes content;
        time_point due;
    };
    //     open ──shut(), close()──▶ closing ──the end leaves──▶ closed
    enum class send_state : unsigned char { open, closing, closed };
    //     open ──the end arrives──▶ ended
    //     open, ended ──close(), reject()──▶ closed
    enum class receive_state : unsigned char { open, ended, closed };
    struct end {
        stream* attached = nullptr;
        send_state sending = send_state::open;
        receive_state receiving = receive_state::open;
        bool is_aborted = false;             // reset, or retransmission has timed out
        bool is_send_scheduled = false;      // an event will call send_segments()
        bool is_delivery_scheduled = false;  // an event will call deliver_due()
        outcome failure;                     // the error that was not reported yet
        buffer arrived;
        buffer unsent;
        std::deque<flight> in_flight;  // in order: a late one delays all that follow it
        std::size_t in_flight_bytes = 0;
        duration retry_after{};  // 0: no packet was lost
        time_point first_lost{};
    };

    duration delay() { return is_local() ? duration() : shared_.delay(); }
    std::size_t window(side from) const noexcept;
    void schedule_send(side from, duration after);
    void send_segments(side from);
    void transmit(side from, packet what, bytes_view content);
    void schedule_delivery(side from);
    void deliver_due(side from);
    void schedule_retransmission(side from);
    void arrive(side from, const flight& one);
    void send_reset(side from);
    void abort(side one, outcome why);
    void notify(side one);

    simulation& shared_;
    const std::uint64_t number_;
    const address from_;
    const address to_;
    end ends_[2];
};

}  // namespace weir::sim::internal
