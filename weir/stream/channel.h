// A channel: a byte stream and a framing, on a loop. It receives and sends whole messages.
//
//     weir::task<> echo(weir::channel client) {
//         while (auto message = co_await client.receive())
//             co_await client.send(*message);
//     }
//
// When the handle is destroyed the channel ends politely: what was sent is flushed, the sending side is shut down,
// input is read and dropped up to a limit, and then it closes. weir::run() returns after that.
#pragma once

#include <memory>
#include <utility>

#include "weir/base/result.h"
#include "weir/framing/framing.h"
#include "weir/loop/waiting_line.h"
#include "weir/socket/kernel_view.h"
#include "weir/stream/channel_core.h"

namespace [[gnu::visibility("default")]] weir {

// The handle of one side of a channel, or of both. Moved, never copied; one that was moved from is good for nothing.
class channel_handle {
public:
    explicit channel_handle(channel_core& core) noexcept : core_(&core) { core.enter(); }
    channel_handle(channel_handle&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    channel_handle& operator=(channel_handle&& other) noexcept {
        std::swap(core_, other.core_);
        return *this;
    }
    ~channel_handle() {
        if (core_ != nullptr) core_->leave();
    }

    channel_core& core() const {
        WEIR_CHECK(core_ != nullptr, "a channel was used that was moved away");
        return *core_;
    }

private:
    channel_core* core_;
};

// A send or a flush that has to wait. Its memory comes from the thread's free lists.
class place_in_line : waiting_line::place {
public:
    // `payload_bytes`: of the message that is to be sent; 0 for a flush.
    place_in_line(waiting_line& line, std::size_t payload_bytes) noexcept
        : waiting_line::place(line), payload_bytes_(payload_bytes) {}
    // Of the next one in a line that is not empty.
    static std::size_t next_payload_bytes(const waiting_line& line) noexcept {
        return static_cast<const place_in_line*>(line.first())->payload_bytes_;
    }
    static void* operator new(std::size_t size) { return frame_pool::take(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::give(memory, size); }

    template <on_a_loop Promise>
    bool wait(std::coroutine_handle<Promise> frame) {
        return line_up(frame);
    }
    // False when it was cancelled.
    bool use() noexcept { return use_turn(); }

private:
    const std::size_t payload_bytes_;
};

// With the message that it is to send.
class message_in_line final : public place_in_line {
public:
    message_in_line(waiting_line& line, const message& one) noexcept : place_in_line(line, one.size()), payload(one) {}

    const message payload;
};

// Makes a place and waits in it. Without memory the channel ends with errc::no_memory, and the caller goes on.
template <class Place, class Promise, class... Extra>
bool wait_in_line(std::unique_ptr<Place>& turn, channel_core& core, waiting_line& (channel_core::*line)(),
                  std::coroutine_handle<Promise> frame, const Extra&... extra) {
    try {
        turn = std::make_unique<Place>((core.*line)(), extra...);
    } catch (const std::bad_alloc&) {
        core.lack_memory();
        return false;
    }
    return turn->wait(frame);
}

// The receiving side. Thread safety: its loop's thread alone, one receive at a time.
class channel_reader {
public:
    explicit channel_reader(channel_core& core) noexcept : handle_(core) {}

    class receiving {
    public:
        receiving(channel_core& from, deadline until) noexcept : from_(from), until_(until) {}
        receiving(const receiving&) = delete;
        receiving& operator=(const receiving&) = delete;
        ~receiving() {
            if (is_in_line_) from_.leave_waiting();
        }

        bool await_ready() { return from_.begin_receive(until_); }
        template <on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            is_in_line_ = from_.wait_for_message(frame);
            return is_in_line_;
        }
        result<message> await_resume() {
            is_in_line_ = false;
            return from_.take_message();
        }

    private:
        channel_core& from_;
        deadline until_;
        bool is_in_line_ = false;
    };

    // Waits for the next message and returns it, or an error. The message is a view, valid until the next receive(),
    // see message.h. After timed_out at `until`, or after the waiting task was cancelled, nothing is lost and receive()
    // may be called again. Any other error is final: it is the close reason, and every later receive() returns it.
    //   closed      the peer closed its sending side at a message boundary
    //   truncated   it did so inside a message                      reset      the connection was reset
    //   too_large   a message over the framing's max                malformed  bytes that the framing does not allow
    //   timed_out   a limit on time, see channel_limits.h           cancelled  abort() was called
    // A message over the limit is dropped and counted if the framing says oversize=skip, and comes in pieces if it says
    // stream. Two receives at once are a WEIR_CHECK.
    [[nodiscard]] receiving receive(deadline until = {}) { return {core(), until}; }

    // Why receiving ended; errc::none until then. Call it again after an event: the returned reference is not updated.
    const error& close_reason() const { return core().close_reason(); }
    // Changes the framing of both directions from the next message on. The new framing reads the bytes that have come
    // and were not received, half a message too; a task that waits in receive() receives by it. Once receiving has
    // ended, only sending changes. too_large: a message over the limit (oversize=skip or stream) has begun and not
    // ended; nothing was changed.
    ignorable_result switch_framing(framing described) { return core().switch_framing(std::move(described)); }

    const channel_stats& stats() const { return core().stats(); }
    const address& peer() const { return core().peer(); }
    channel_core& core() const { return handle_.core(); }

private:
    channel_handle handle_;
};

// The sending side. Thread safety: its loop's thread alone; several tasks may send, and their messages keep the order
// of the calls.
class channel_writer {
public:
    explicit channel_writer(channel_core& core) noexcept : handle_(core) {}

    class sending {
    public:
        sending(channel_core& into, bytes_view payload) noexcept : into_(into), payload_(payload) {}
        sending(const sending&) = delete;
        sending& operator=(const sending&) = delete;

        bool await_ready() { return into_.can_send_quickly(payload_.size()) || into_.can_send(payload_.size()); }
        template <on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return wait_in_line(turn_, into_, &channel_core::senders, frame, payload_.size());
        }
        ignorable_result await_resume() {
            if (turn_ == nullptr && into_.send_quickly(payload_)) [[likely]]
                return {};
            return resume_slowly();
        }

    private:
        ignorable_result resume_slowly();

        channel_core& into_;
        bytes_view payload_;
        std::unique_ptr<place_in_line> turn_;  // when it has to wait
    };

    // A send that takes over the memory of its payload.
    class sending_buffer {
    public:
        sending_buffer(channel_core& into, buffer& payload) noexcept : into_(into), payload_(payload) {}
        sending_buffer(const sending_buffer&) = delete;
        sending_buffer& operator=(const sending_buffer&) = delete;

        bool await_ready() { return into_.can_send(payload_.size()); }
        template <on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return wait_in_line(turn_, into_, &channel_core::senders, frame, payload_.size());
        }
        ignorable_result await_resume();

    private:
        channel_core& into_;
        buffer& payload_;
        std::unique_ptr<place_in_line> turn_;  // when it has to wait
    };

    // Checks that the message is still good when it is taken: another task may have received the next one while this
    // one waited.
    class sending_message {
    public:
        // The message object is looked at until the task waits, and copied then.
        sending_message(channel_core& into, const message& one) noexcept : into_(into), message_(one) {}
        sending_message(const sending_message&) = delete;
        sending_message& operator=(const sending_message&) = delete;

        bool await_ready() { return into_.can_send_quickly(message_.size()) || into_.can_send(message_.size()); }
        template <on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return wait_in_line(turn_, into_, &channel_core::senders, frame, message_);
        }
        ignorable_result await_resume() {
            if (turn_ == nullptr && into_.send_quickly(message_.view())) [[likely]]
                return {};
            return resume_slowly();
        }

    private:
        ignorable_result resume_slowly();

        channel_core& into_;
        const message& message_;
        std::unique_ptr<message_in_line> turn_;  // when it has to wait
    };

    class flushing {
    public:
        explicit flushing(channel_core& of) noexcept : of_(of) {}
        flushing(const flushing&) = delete;
        flushing& operator=(const flushing&) = delete;

        bool await_ready() const noexcept { return of_.is_flushed(); }
        template <on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return wait_in_line(turn_, of_, &channel_core::flushers, frame, std::size_t{0});
        }
        ignorable_result await_resume() {
            if (turn_ != nullptr && !turn_->use()) return error(errc::cancelled, "flush", of_.peer().to_string());
            return of_.flushed();
        }

    private:
        channel_core& of_;
        std::unique_ptr<place_in_line> turn_;  // when it has to wait
    };

    // Waits for room (until less than high water is queued), then takes the whole message: it leaves at the end of this
    // turn, with all others of the turn. The payload is lent until then. A payload that the framing cannot carry
    // (unencodable, too_large) is refused and the channel stays good; cancelled: nothing was queued; any other error is
    // sticky. receive() still gives what had come.
    [[nodiscard]] sending send(bytes_view payload) { return {core(), payload}; }
    // The same for a message of this or another channel: a WEIR_CHECK when it is no longer good at the time it is
    // taken.
    [[nodiscard]] sending_message send(const message& one) { return {core(), one}; }
    // The same for a large message: sends from the memory of `payload`, which is taken over, so that no copy of it is
    // made. Afterwards, and after an error other than cancelled, `payload` must not be used except to be assigned or
    // destroyed.
    [[nodiscard]] sending_buffer send(buffer&& payload) { return {core(), payload}; }
    // Waits until everything that was sent is with the kernel.
    [[nodiscard]] flushing flush() { return flushing(core()); }
    // From now on a message leaves no sooner than so long after the one before; none for no pace, as in the beginning.
    // It does not make boundaries: TCP may join and split whatever was paced.
    void pace(duration interval) { core().pace(interval); }
    // Half-close: when everything is sent the peer reads the end. Later sends fail with broken_pipe; receiving goes on.
    void shutdown_send() { core().shutdown_send(); }

    // Why send() fails from now on; errc::none while it does not: ask anew then, the reference does not change.
    const error& failure() const { return core().failure(); }
    // Bytes that were sent and are not yet with the kernel.
    std::size_t queued_bytes() const { return core().queued(); }
    const address& peer() const { return core().peer(); }
    channel_core& core() const { return handle_.core(); }

private:
    channel_handle handle_;
};

// Both sides. Thread safety: its loop's thread alone.
class channel {
public:
    // Owns the stream; on the loop that runs now. `peer` is for error texts.
    channel(owned_stream below, framing described, const channel_limits& limits = {}, address peer = {})
        : channel(*new channel_core(std::move(below), std::make_shared<channel_terms>(std::move(described), limits),
                                    std::move(peer))) {}
    explicit channel(channel_core& core) noexcept : reader_(core), writer_(core) {}

    [[nodiscard]] channel_reader::receiving receive(deadline until = {}) { return reader_.receive(until); }
    [[nodiscard]] channel_writer::sending send(bytes_view payload) { return writer_.send(payload); }
    [[nodiscard]] channel_writer::sending_message send(const message& one) { return writer_.send(one); }
    [[nodiscard]] channel_writer::sending_buffer send(buffer&& payload) { return writer_.send(std::move(payload)); }
    [[nodiscard]] channel_writer::flushing flush() { return writer_.flush(); }
    void pace(duration interval) { writer_.pace(interval); }
    void shutdown_send() { writer_.shutdown_send(); }
    ignorable_result switch_framing(framing described) { return reader_.switch_framing(std::move(described)); }
    // Aborts the connection: resets the peer and drops what is queued. receive() and send() fail with errc::cancelled.
    void abort() { core().abort(error(errc::cancelled, {}, {}, "the channel was cut")); }

    const error& close_reason() const { return reader_.close_reason(); }
    const error& failure() const { return writer_.failure(); }
    std::size_t queued_bytes() const { return writer_.queued_bytes(); }
    const channel_stats& stats() const { return reader_.stats(); }
    const address& peer() const { return reader_.peer(); }
    const framing& described() const { return core().described(); }
    // Bytes that have come of a message that is not whole; 0 between two messages.
    std::uint64_t partial_bytes() const { return core().partial_bytes(); }
    // Bytes of memory that it holds for messages; none while it idles.
    std::size_t held_bytes() const { return core().held_bytes(); }
    // errc::unsupported where there is no kernel, errc::cancelled after abort().
    result<kernel_view> ask_kernel() const;
    channel_core& core() const { return reader_.core(); }

    // One handle for each side, for two tasks. The channel closes after both were destroyed.
    std::pair<channel_reader, channel_writer> split() && { return {std::move(reader_), std::move(writer_)}; }

private:
    channel_reader reader_;
    channel_writer writer_;
};

}  // namespace weir
