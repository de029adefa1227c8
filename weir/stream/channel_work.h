// What a channel has only while it is not idle: the decoder, borrowed input, the queue of output, the close reason, and
// the steps of its close. A channel is idle while its program waits in receive(), no part of a message has come, and
// nothing is to be sent. Its work then goes to another channel with the same terms, which finds it in the cache, so an
// idle connection is small. Private to channel_core.
#pragma once

#include <cstdint>
#include <memory>

#include "weir/base/buffer.h"
#include "weir/base/error.h"
#include "weir/base/time.h"
#include "weir/framing/decoder_memory.h"
#include "weir/loop/byte_budget.h"
#include "weir/loop/frame_pool.h"
#include "weir/loop/lent_bytes.h"
#include "weir/loop/ready_list.h"
#include "weir/loop/waiting_line.h"
#include "weir/stream/channel_states.h"
#include "weir/stream/lease.h"
#include "weir/stream/stall_watch.h"

namespace [[gnu::visibility("default")]] weir {

class channel_core;

// Its plain values, as they are while a channel waits and nothing has happened.
struct channel_moment {
    internal::receiver_state receiving;
    internal::receive_answer answer = internal::receive_answer::event;
    internal::input_state input_is = internal::input_state::open;
    internal::sender_state sending;
    internal::close_state closing;

    // The quick ways, for what follows the first message of a turn: how many events may be taken, and below how many
    // outgoing bytes one may send, while there is nothing else to think of; else 0.
    std::uint64_t taken = 0;
    std::uint64_t quick_until = 0;
    std::size_t quick_room = 0;
    bool has_begun = false;  // a partial message: its first byte came at `begun`
    bool was_high = false;   // the queue reached high water, and has not come down to low water since

    // The budget of a turn.
    std::uint64_t turn = 0;
    std::uint64_t taken_until = 0;
    std::uint64_t bytes_this_turn = 0;

    // Memory of what the stream has taken over and not yet sent.
    std::size_t sending_memory = 0;
    // When the budget last saw so many bytes more that the peer had sent or taken.
    std::uint64_t moved_then = 0;
    time_point moved_at{};

    std::size_t torn_bytes = 0;  // of the last message, when it was large and torn

    // Clocks. The times of receiving move on while nobody waits in receive().
    time_point begun{};         // the first byte of a message that is not whole
    time_point came{};          // bytes, the last time
    time_point unwaited{};      // since then nobody waits
    time_point grace_until{};   // of close_state::in_grace and last_input
    stall_watch taken_by_peer;  // of what is being sent
    duration pace{};
    time_point next_send{};

    // Departing.
    time_point cut_at{};
    std::uint64_t dropped = 0;
};

// Invariant: when no channel has it, it is as it was made, but for the decoder's memory (kept_bytes at most, for each
// of its two buffers) and the count of its lease; nobody stands in its lines, and none of its steps is listed. Thread
// safety: its loop's thread alone.
struct channel_work : channel_moment {
    static constexpr std::size_t kept_bytes = 4096;

    channel_work(byte_budget& budget, const framing& described);
    channel_work(const channel_work&) = delete;
    channel_work& operator=(const channel_work&) = delete;
    static void* operator new(std::size_t size) { return frame_pool::take(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::give(memory, size); }

    // What the loop runs for the channel.
    class step final : public ready_item {
    public:
        using function = void (channel_core::*)();
        step(channel_work& of, function what) noexcept : of_(of), what_(what) {}
        void run() override;
        void end() noexcept { unlist(); }

    private:
        channel_work& of_;
        const function what_;
    };

    // Goes on receiving when the loop's budget has room again.
    class memory final : public byte_budget::holder {
    public:
        memory(channel_work& of, byte_budget& budget) noexcept : holder(budget), of_(of) {}
        void resume() noexcept override;
        std::optional<time_point> peer_moved() noexcept override;
        void evict() noexcept override;

    private:
        channel_work& of_;
    };

    // Nobody waits in send() or flush(), or was called and has not gone on yet.
    bool has_no_line() const noexcept {
        return senders.empty() && senders.called() == 0 && flushers.empty() && flushers.called() == 0;
    }

    channel_core* core = nullptr;
    std::unique_ptr<channel_work> next_spare;

    decoder decoding;
    decoder::event event{decoder::more, {}};
    lease views;
    buffer outgoing;
    waiting_line senders;
    waiting_line flushers;
    lent_bytes input;
    std::unique_ptr<std::byte[]> isolated;  // the last message, in checked builds
    memory held;

    step at_turn_end;  // also the next step of departing
    step resumption;   // of who waits in receive()
    step dying;

    // Said in full when somebody asks: most connections end, and nobody wants to know of which peer.
    error close_reason{errc::none};
    error failure{errc::none};
};

}  // namespace weir
