#include "weir/sim/signals.h"

#include <algorithm>

#include "weir/loop/internal/exception_collector.h"

namespace weir::sim::internal {

// A watch may outlive the simulation, and may be destroyed while it is being notified.
class signals::watching final : public signal_watch {
public:
    watching(std::shared_ptr<list> all, std::shared_ptr<entry> own) : all_(std::move(all)), own_(std::move(own)) {}
    ~watching() override { std::erase(*all_, own_); }

private:
    const std::shared_ptr<list> all_;
    const std::shared_ptr<entry> own_;
};

std::unique_ptr<signal_watch> signals::watch(signal which, std::function<void()> on_signal) {
    watches_->push_back(std::make_shared<entry>(entry{which, std::move(on_signal)}));
    return std::make_unique<watching>(watches_, watches_->back());
}

void signals::raise(signal which) {
    shared_.later({}, [&shared = shared_, all = watches_, which] {
        shared.note(trace_event::signalled, static_cast<std::uint64_t>(which));
        weir::internal::exception_collector notified;
        const list now(all->begin(), all->end());  // a handler may add and remove watches
        for (const auto& one : now) {
            if (one->which != which || std::find(all->begin(), all->end(), one) == all->end()) continue;
            shared.user_notified();
            notified.call(one->on_signal);
        }
    });
}

}  // namespace weir::sim::internal
