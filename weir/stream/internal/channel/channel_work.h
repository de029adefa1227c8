// The part of a channel that exists only while the channel is not idle: receiver, sender, close, and the steps that the
// loop runs for it. A channel is idle while its task waits in receive(), no part of a message has arrived, and nothing
// is to be sent. Its channel_work then goes to the next channel of the loop that has something to do, while its memory
// is still in the cache of the CPU. An idle connection is therefore small.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "weir/coroutine/internal/frame_pool.h"
#include "weir/loop/internal/byte_budget.h"
#include "weir/loop/internal/ready_list.h"
#include "weir/stream/internal/channel/channel_close.h"
#include "weir/stream/internal/channel/channel_receiver.h"
#include "weir/stream/internal/channel/channel_sender.h"
#include "weir/stream/stats/channel_stats.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

class channel_core;
class detach_awaiter;

// Invariant: an object that no channel uses is in the state of a new one: no task waits in its lines, and none of its
// steps is in the loop's list. Exceptions are the decoder's memory (kept_bytes at most for each of its two buffers),
// its framing, and the count of its lease. Thread safety: its loop's thread alone.
struct channel_work {
    static constexpr std::size_t kept_bytes = 4096;

    channel_work(byte_budget& budget, const framing& described);
    channel_work(const channel_work&) = delete;
    channel_work& operator=(const channel_work&) = delete;
    static void* operator new(std::size_t size) { return frame_pool::take(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::give(memory, size); }

    // Prepares the object for a channel whose counters are `so_far`.
    void begin(channel_core& of, const framing& described, const channel_stats& so_far) noexcept;
    // Establishes the invariant of an unused object.
    void recycle(spare_buffers& spares) noexcept;

    // A member function of the channel that the loop runs.
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

    // Represents the channel in the memory budget of the loop. Lets receiving continue when there is room.
    class memory_holder final : public byte_budget::holder {
    public:
        memory_holder(channel_work& of, byte_budget& budget) noexcept : holder(budget), of_(of) {}
        void resume() noexcept override;
        std::optional<time_point> peer_moved() noexcept override;
        void evict() noexcept override;

    private:
        channel_work& of_;
    };

    // The bytes that the peer had sent and taken when the budget last saw progress.
    struct progress {
        std::uint64_t bytes = 0;
        time_point at{};
    };

    channel_core* core = nullptr;
    detach_awaiter* halting = nullptr;  // the task in detach(), while the stream halts
    std::unique_ptr<channel_work> next_spare;

    channel_receiver receiver;
    channel_sender sender;
    channel_close close;
    memory_holder memory;
    progress moved;
    // What the shared counters already include: the counters of this channel, and the bytes of its queue.
    channel_stats counted;
    std::size_t counted_queue = 0;

    step at_turn_end;  // end_turn(): sends, and drives the close
    step resumption;   // resumes the task in receive()
    step closing;      // ends the close if the loop is destroyed first
};

}  // namespace internal
}  // namespace weir
