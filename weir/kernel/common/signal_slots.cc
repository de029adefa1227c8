#include "weir/kernel/common/signal_slots.h"

#include <csignal>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>

#include "weir/loop/internal/exception_collector.h"

namespace weir::internal {
namespace {

constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
constexpr std::size_t most_watches = 64;

// The data of one watch, which the signal handler may access. A slot is in use while `number` is not 0; `wakes` is then
// valid.
struct slot {
    std::atomic<int> number = 0;
    std::atomic<unsigned> came = 0;
    std::atomic<backend*> wakes = nullptr;
    std::atomic<unsigned> handlers = 0;  // the handlers that use the slot now
};
constinit std::array<slot, most_watches> slots;
static_assert(std::atomic<backend*>::is_always_lock_free && std::atomic<unsigned>::is_always_lock_free);

void note(int number) {
    const int kept = errno;
    for (auto& one : slots) {
        one.handlers.fetch_add(1);
        if (one.number.load() == number) {
            one.came.fetch_add(1);
            one.wakes.load()->wake();
        }
        one.handlers.fetch_sub(1);
    }
    errno = kept;
}

// Guards the two arrays below: the number of watches of each signal, and its previous action.
std::mutex guards;
std::array<std::size_t, numbers.size()> watched{};
std::array<struct sigaction, numbers.size()> replaced_actions{};

}  // namespace

class signal_slots::watching final : public signal_watch {
public:
    watching(signal_slots& owner, std::size_t which, slot& mine, std::function<void()> on_signal)
        : owner_(owner), which_(which), slot_(mine), on_signal_(std::move(on_signal)) {}
    ~watching() override {
        std::erase(owner_.all_, this);
        const std::scoped_lock locked(guards);
        if (--watched[which_] == 0) ::sigaction(numbers[which_], &replaced_actions[which_], nullptr);
        slot_.number = 0;
        while (slot_.handlers.load() != 0) {
        }
    }

    void deliver() {
        if (slot_.came.exchange(0) == 0) return;
        const auto call = on_signal_;  // a copy: the call may end this watch
        call();
    }

private:
    signal_slots& owner_;
    std::size_t which_;
    slot& slot_;
    std::function<void()> on_signal_;
};

result<std::unique_ptr<signal_watch>> signal_slots::watch(signal which, std::function<void()> on_signal) {
    const auto index = static_cast<std::size_t>(which);
    const std::scoped_lock locked(guards);
    const auto free = std::find_if(slots.begin(), slots.end(), [](const slot& one) { return one.number == 0; });
    if (free == slots.end())
        return error(errc::over_limit, "watch a signal", {}, "more than 64 watches in the process");
    // Everything that may throw comes first: a slot in use without a watch would wake a destroyed backend.
    all_.reserve(all_.size() + 1);
    auto made = std::make_unique<watching>(*this, index, *free, std::move(on_signal));
    all_.push_back(made.get());
    free->came = 0;
    free->wakes = &wakes_;
    free->number = numbers[index];
    if (++watched[index] == 1) {
        struct sigaction noting{};
        noting.sa_handler = note;
        noting.sa_flags = SA_RESTART;
        sigfillset(&noting.sa_mask);
        ::sigaction(numbers[index], &noting, &replaced_actions[index]);
    }
    return std::unique_ptr<signal_watch>(std::move(made));
}

void signal_slots::deliver() {
    // A copy, because a handler may add and remove watches.
    const auto now = all_;
    exception_collector calls;
    for (auto* const one : now) {
        if (std::find(all_.begin(), all_.end(), one) != all_.end()) calls.call([one] { one->deliver(); });
    }
}

}  // namespace weir::internal
