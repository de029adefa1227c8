// The state that all handles of a channel share. The state can outlive the handles. It holds the stream, the task that
// waits in receive(), and the timer that still runs while the channel is idle. A submitted receive or send belongs to
// the core, not to the task that awaits it, so a cancelled operation loses nothing.
//
//     stream ──▶ borrowed bytes ──▶ channel_receiver ──▶ receive()     reads the stream only while a task waits
//     send() ──▶ channel_sender ──▶ stream                             once a turn
//
// Receiver, sender and close are parts of channel_work, which exists only while the channel is not idle.
//
// channel_core.cc receives, channel_sending.cc sends, and channel_closing.cc closes. channel_deadlines.cc has the time
// limits. channel_memory.cc accounts for memory in the loop's budget. channel_idle.cc parks and resumes the waiting
// task and lets the channel become idle. When the last handle is destroyed the channel closes: it sends the queue,
// shuts down the sending direction, drains the input, and closes the stream (RFC 2525, 2.17).
#pragma once

#include "weir/base/language.h"

#include <coroutine>
#include <memory>
#include <new>
#include <optional>
#include <source_location>

#include "weir/coroutine/internal/cancellation.h"
#include "weir/framing/encoder.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/loop.h"
#include "weir/loop/timer.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/internal/channel/channel_pool.h"
#include "weir/stream/internal/channel/channel_work.h"
#include "weir/stream/internal/channel/reader_task.h"
#include "weir/stream/internal/connection_counters.h"
#include "weir/stream/message.h"
#include "weir/stream/peer_facts.h"
#include "weir/stream/shared_payload.h"
#include "weir/stream/stats/channel_stats.h"
#include "weir/stream/wrapper.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

class channel_core;
class detach_awaiter;
class wrapping_observer;
class wrapping_stream;

// Owns the memory of a channel. A channel closes itself after its last handle was destroyed.
class channel_owner {
public:
    // Called when the stream is closed. The counters, the close reason and the peer can be read for the last time.
    virtual void channel_closed(const channel_core& one) noexcept = 0;
    // Called when the channel will not be used any more. This function may destroy it.
    virtual void release(channel_core& one) noexcept = 0;

protected:
    ~channel_owner() = default;
};

// The settings that all channels of one server share. The object belongs to the loop that is running when it is made.
// Thread safety: that loop's thread alone.
struct channel_terms {
    // If `counted_in` is null, the channels are counted among the clients of the loop.
    channel_terms(framing described, const channel_limits& limited_by, bool fixes_framing = false,
                  std::shared_ptr<connection_counters> counted_in = nullptr);

    ~channel_terms();

    const encoder encode;
    const channel_limits limits;
    const bool is_framing_fixed;  // true if a wrapper fixes the framing
    const loop::dependent here;
    channel_pool& pool;
    const std::shared_ptr<connection_counters> counters;
};
using shared_terms = std::shared_ptr<const channel_terms>;

// Thread safety: its loop's thread alone.
class channel_core final : private byte_stream::user, private cancellable, private timer {
public:
    // While other channels wait for memory, a peer that moves fewer bytes than this within byte_budget::patience makes
    // no progress.
    static constexpr std::uint64_t least_moved_bytes = 16 * 1024;

    // `facts` is null when no wrapper has found anything out.
    channel_core(channel_owner& owner, owned_stream below, shared_terms terms, address peer,
                 std::unique_ptr<peer_facts> facts = nullptr);
    // Makes a channel in a separate allocation, which is freed when the channel is closed.
    static channel_core& make(owned_stream below, shared_terms terms, address peer,
                              std::unique_ptr<peer_facts> facts = nullptr);
    ~channel_core() override;

    // These functions count the handles that share the channel. The last release begins the close.
    void add_handle() noexcept { ++handle_count_; }
    void release_handle() noexcept;
    // Ends both directions with errc::no_memory.
    void end_without_memory() noexcept;

    // For the awaiter of receive(). Returns true when take_message() has something to return at once.
    bool begin_receive(deadline until, std::source_location where) noexcept {
        bool has_one = true;
        return !try_step([&] { has_one = try_receive(until, where); }) || has_one;
    }
    bool try_receive(deadline until, std::source_location where) {
        task_.until = until;
        if (work_ == nullptr || !work_->receiver.is_fast(here_->turns())) return begin_receive_slowly(where);
        return work_->receiver.next_quickly() || continue_receiving();
    }
    // Parks the task. It resumes on a later turn even if a message is ready, for fairness. Returns false if the task
    // was already cancelled.
    template <on_a_loop Promise>
    bool wait_for_message(std::coroutine_handle<Promise> frame) {
        if (frame.promise().chain().requested()) {
            if (channel_work* const now = try_work()) now->receiver.set_resume_reason(resume_reason::cancelled);
            return false;
        }
        frame.promise().chain().enter(*this);
        task_.park(frame, frame.promise());
        begin_waiting();
        return true;
    }
    result<message> take_message() {
        if (work_ == nullptr || !work_->receiver.is_handing()) return take_message_safely();
        ++stats_.messages_received;
        return work_->receiver.take_quickly();
    }
    // Call it when the coroutine frame of the waiting task is destroyed.
    void leave_waiting() noexcept;

    // For the awaiters of send().
    waiting_line& senders() noexcept { return work().sender.senders(); }
    bool can_send_quickly(std::size_t payload_bytes) const noexcept {
        return work_ != nullptr && work_->sender.takes_quickly(payload_bytes);
    }
    bool can_send(std::size_t payload_bytes);
    // The fast path of send(). Returns false if nothing was queued; call send() then, which handles every case.
    bool send_quickly(bytes_view payload) {
        if (!can_send_quickly(0)) return false;
        buffer& queue = work_->sender.queue().bytes();
        const std::size_t before = queue.size();
        bool is_usual = false;
        if (!try_step([&] { is_usual = terms_->encode.encode_usual(payload, queue); }) || !is_usual) return false;
        ++stats_.messages_sent;
        stats_.bytes_sent += queue.size() - before;
        return true;
    }
    result<void> send(bytes_view payload);
    result<void> send_in_place(buffer& payload);
    result<void> send_shared(const shared_payload& payload);
    // Call it when a task has had its turn to send. Wakes the next task in the line.
    void next_sender() noexcept {
        if (work_ != nullptr && !work_->sender.senders().empty()) [[unlikely]]
            call_sender();
    }
    waiting_line& flushers() noexcept { return work().sender.flushers(); }
    bool is_flushed() const noexcept { return work_ == nullptr || work_->sender.is_flushed(); }
    result<void> flushed();
    void pace(duration interval);
    void shutdown_send();

    result<void> switch_framing(framing described);
    // For a server that stops: receiving ends with errc::cancelled at the first message boundary after which no further
    // bytes have arrived.
    void stop();
    // Drops the queue, resets the connection, and closes the stream.
    void abort(error why);

    const error& close_reason() const;
    errc close_reason_code() const noexcept {
        return work_ == nullptr ? errc::none : work_->receiver.close_reason().code();
    }
    const error& failure() const;
    const framing& described() const noexcept { return terms_->encode.described(); }
    const channel_stats& stats() const noexcept { return stats_; }
    connection_counters& counters() const noexcept { return *terms_->counters; }
    // Bytes that were sent and that the kernel has not taken yet.
    std::size_t queued() const noexcept { return work_ == nullptr ? 0 : work_->sender.queued(below_.get()); }
    // Bytes of memory that the channel holds for messages.
    std::size_t held_bytes() const noexcept;
    // True while a task waits in receive() and the channel has no channel_work.
    bool is_idle() const noexcept { return task_.waits() && work_ == nullptr && !lacks_work_; }
    // The bytes of a partial message that have arrived.
    std::uint64_t partial_bytes() const noexcept {
        if (work_ == nullptr || work_->receiver.at_boundary()) return 0;
        return stats_.bytes_received - work_->receiver.offset();
    }
    // These functions give the stream away, for detach_awaiter. begin_halt() returns an error, or stops receiving and
    // sending. is_halting() is true until the stream has stopped; then finish_halt() returns the stream. abandon_halt()
    // aborts the channel.
    result<void> begin_halt(detach_awaiter& by);
    bool is_halting() const noexcept { return work_ != nullptr && work_->halting != nullptr; }
    result<owned_stream> finish_halt(detach_awaiter& by);
    void abandon_halt() noexcept;
    // Continues on a stream that another channel has given away. Call it before the first operation. `unread` arrived
    // and was not received; `unsent` is sent before everything else; each direction may have ended. Without memory the
    // channel ends.
    void resume_detached(bytes_view unread, buffer unsent, bool input_ended, bool output_ended) noexcept;
    // For replace_stream_awaiter: puts wrappers between the stream and the channel. Returns an error unless the kernel
    // has taken everything that was sent and everything that arrived was received. Otherwise returns the stream that
    // replaces the old one.
    result<wrapping_stream*> replace_stream(wrappers through, wrapping_observer& by);
    // Requires that replace_stream() has allocated the facts. References to the address in them stay valid.
    void set_facts(peer_facts facts) noexcept { *facts_ = std::move(facts); }

    // Returns null after the channel was aborted or detached.
    byte_stream* below() noexcept { return below_.get(); }
    const byte_stream* below() const noexcept { return below_.get(); }
    // The address of the peer, or the address that a wrapper has set (the client behind a proxy).
    const address& peer() const noexcept { return facts_ && facts_->address() ? *facts_->address() : peer_; }
    // The address of the other end of the connection.
    const address& connected_to() const noexcept { return peer_; }
    const peer_facts* facts() const noexcept { return facts_.get(); }

private:
    friend struct channel_work;
    friend class channel_pool;

    // The time limits on receiving.
    enum class receive_limit : std::uint8_t { first_message, whole_message, idle, grace, gap };

    // byte_stream::user
    bool wants_room() const noexcept override;
    std::span<std::byte> room() noexcept override;
    void on_received(arrival came) noexcept override;
    void on_sent(outcome how) noexcept override;
    void on_halted() noexcept override;
    bool awaits_sent() const noexcept override;
    // timer
    void expire() override;
    // cancellable
    void cancel_wait() noexcept override;
    task_promise* waiter() const noexcept override { return task_.promise; }

    // channel_idle.cc
    channel_work& work() {
        if (work_ == nullptr) take_work();
        return *work_;
    }
    void take_work();
    // Returns null when there is no memory for a channel_work. The channel then ends as soon as there is memory.
    channel_work* try_work() noexcept;
    // Runs a step that allocates. Without memory the channel ends, and the result is false.
    template <class Step>
    bool try_step(Step step) noexcept {
        try {
            step();
            return true;
        } catch (const std::bad_alloc&) {
            end_without_memory();
            return false;
        }
    }
    void idle_if_done() noexcept;
    bool has_nothing_to_do() const noexcept;
    void begin_waiting();
    void stop_waiting() noexcept;
    void resume_reader();
    void resume_reader_if_ready();
    void resume_reader_soon() noexcept;

    // channel_core.cc
    bool begin_receive_slowly(std::source_location where);
    void skip_time_without_reader() noexcept;
    bool continue_receiving();
    result<message> take_message_safely();
    result<message> take_message_slowly();
    bool advance();
    bool act_on(decoder::kind event);
    bool submit_receive();
    void process(arrival came);
    void end(error why) {
        work_->receiver.end(std::move(why));
        if (work_->sender.has_no_line()) work_->memory.unpromise();  // no more bytes will arrive
    }
    void end_stopped() {
        end(error(errc::cancelled, {}, {}, "cancelled: the server is stopping and receives no more"));
    }
    bool has_used_turn() noexcept { return work_->receiver.has_used_turn(here_->turns()); }
    const error& in_full(error& one, const char* operation) const;
    const channel_limits& limits() const noexcept { return terms_->limits; }

    // channel_sending.cc
    void call_sender() noexcept;
    result<void> on_encoded(result<void> encoded, std::size_t frame_bytes);
    void sending_failed(outcome how);
    error explained(outcome how) const;
    void fail_sending(error why);
    void schedule_end_turn() noexcept;
    void end_turn();
    void submit_output();
    void begin_sending();
    bool shut_down();
    void on_queue_sent();

    // channel_memory.cc
    // Reports the memory of the channel to the loop's budget, and its held and queued bytes to the counters.
    void count_memory() noexcept;
    // Adds what was received and sent since the last call to the counters.
    void count_traffic() noexcept;
    void give_back_work() noexcept;
    void hit(limit_kind which) noexcept { terms_->counters->hit(which); }
    std::size_t most_needed_bytes() const;
    std::size_t with_reply(std::size_t message_bytes) const noexcept;
    bool may_give_room() const noexcept;
    bool may_receive();
    bool may_queue(std::size_t payload_bytes) noexcept;
    bool may_hold(std::size_t bytes) noexcept;
    void on_memory_available() noexcept;
    std::optional<time_point> peer_moved() noexcept;
    void evict() noexcept;
    void evict_now();

    // channel_detach.cc
    result<void> check_detachable();
    result<void> check_replaceable();
    result<wrapping_stream*> begin_replacing(wrappers through, wrapping_observer& by);

    // channel_closing.cc
    void forget_stream();
    void begin_close();
    void continue_close();
    void send_and_drain();
    bool is_drained() const noexcept;
    void drop_input();
    void finish_close();

    // channel_deadlines.cc
    std::optional<duration> stall_limit() const noexcept;
    template <class Visit>
    void each_receive_limit(Visit visit) const;
    deadline due() const noexcept;
    void set_clock();
    void check_receiving(time_point delivered_until);
    void check_sending(time_point now);
    bool waits_for_bytes() const noexcept {
        return (work_->receiver.is_reading() || work_->memory.is_waiting()) && !work_->receiver.has_ended();
    }
    bool waits_for_first() const noexcept { return stats_.messages_received + stats_.messages_skipped == 0; }

    // In checked builds, verifies before each event that the states of the parts fit together
    // (channel_invariants_on.cc). In other builds it does nothing.
    void check_invariants() const;

    // These members come first because they fit into the padding at the end of the base class `timer`.
    bool lacks_work_ = false;
    std::uint8_t handle_count_ = 0;

    loop::dependent here_;
    owned_stream below_;
    shared_terms terms_;
    // Invariant: work_ is null only before the first operation, while the channel waits for memory (lacks_work_), or
    // while it is idle. Idle means: a task waits in receive(), a receive is submitted, and all parts are in the state
    // of new objects.
    std::unique_ptr<channel_work> work_;
    channel_core* next_waiting_ = nullptr;
    reader_task task_;

    channel_owner& owner_;
    channel_stats stats_;
    address peer_;
    std::unique_ptr<peer_facts> facts_;

    // The times at which the time limits begin. They are moved forward by the time during which no task waits in
    // receive().
    time_point opened_;
    time_point active_;  // when a byte last arrived or left
};

}  // namespace internal
}  // namespace weir
