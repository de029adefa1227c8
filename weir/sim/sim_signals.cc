#include "weir/sim/sim_signals.h"

#include <algorithm>

#include "weir/loop/all_calls.h"

namespace weir {

// May outlive the world, and be destroyed while it is told.
class sim_signals::watching final : public signal_watch {
public:
    watching(std::shared_ptr<list> all, std::shared_ptr<entry> own) : all_(std::move(all)), own_(std::move(own)) {}
    ~watching() override { std::erase(*all_, own_); }

private:
    const std::shared_ptr<list> all_;
    const std::shared_ptr<entry> own_;
};

std::unique_ptr<signal_watch> sim_signals::watch(signal which, std::function<void()> told) {
    watches_->push_back(std::make_shared<entry>(entry{which, std::move(told)}));
    return std::make_unique<watching>(watches_, watches_->back());
}

void sim_signals::raise(signal which) {
    world_.later({}, [&world = world_, all = watches_, which] {
        world.note(happening::signalled, static_cast<std::uint64_t>(which));
        all_calls told;
        const list now(all->begin(), all->end());  // what is told may watch and unwatch
        for (const auto& one : now) {
            if (one->which != which || std::find(all->begin(), all->end(), one) == all->end()) continue;
            world.has_told();
            told.call(one->told);
        }
    });
}

}  // namespace weir
