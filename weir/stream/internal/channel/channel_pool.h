// The pool of channel_work objects of one loop, shared by all of its channels. One object is reserved for a channel
// that must end because there is no memory.
#pragma once

#include <cstddef>
#include <memory>

#include "weir/loop/loop.h"
#include "weir/stream/internal/channel/channel_work.h"
#include "weir/stream/internal/connection_counters.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: its loop's thread alone.
class channel_pool final : public loop_part {
public:
    // The most objects that are kept while no channel needs them. A message to this many channels at once needs no new
    // ones.
    static constexpr std::size_t most_spare = 1024;

    explicit channel_pool(loop& of);

    // Returns null when there is no memory and the reserve is in use.
    std::unique_ptr<channel_work> take(channel_core& by, const framing& described,
                                       const channel_stats& so_far) noexcept;
    void keep(std::unique_ptr<channel_work> one) noexcept;
    // After this call no object of the pool refers to this framing.
    void forget(const framing& described) noexcept;

    // The counters of the channels of this loop that belong to no server.
    const std::shared_ptr<client_counters>& clients() const noexcept { return clients_; }

    // wait_for_work(): the channel needs a channel_work and take() returned null; the channel ends as soon as it gets
    // one. has_work(): the channel has got one.
    void wait_for_work(channel_core& one) noexcept;
    void has_work(channel_core& one) noexcept;

private:
    class relief final : public ready_item {
    public:
        explicit relief(channel_pool& of) noexcept : of_(of) {}
        void run() override { of_.relieve(); }

    private:
        channel_pool& of_;
    };
    void relieve() noexcept;
    void relieve_soon() noexcept;

    const std::shared_ptr<client_counters> clients_ = std::make_shared<client_counters>();
    loop& here_;
    const framing plain_ = framing::lines();  // the framing of objects whose own framing was forgotten
    std::unique_ptr<channel_work> spare_;
    std::size_t spare_count_ = 0;
    std::unique_ptr<channel_work> reserve_;
    channel_core* waiting_ = nullptr;
    relief relief_{*this};
};

}  // namespace internal
}  // namespace weir
