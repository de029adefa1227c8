#include "weir/loop/loop.h"

#include <mutex>
#include <vector>

namespace weir {
namespace {

constinit thread_local loop* running_here = nullptr;

// While it lives, the thread runs this loop.
class entered {
public:
    explicit entered(loop& here) : before_(std::exchange(running_here, &here)) {}
    entered(const entered&) = delete;
    entered& operator=(const entered&) = delete;
    ~entered() { running_here = before_; }

private:
    loop* before_;
};

}  // namespace

struct remote::mailbox {
    std::mutex lock;
    std::vector<std::function<void()>> mail;
    backend* world = nullptr;  // null when the loop has ended
};

bool remote::post(std::function<void()> work) const {
    const std::scoped_lock locked(box_->lock);
    if (box_->world == nullptr) return false;
    box_->mail.push_back(std::move(work));
    if (box_->mail.size() == 1) box_->world->wake();
    return true;
}

void child::make_ready(loop& here) noexcept { here.make_ready(*this); }

loop::loop(std::unique_ptr<backend> world)
    : world_(std::move(world)), now_(world_->now()), box_(std::make_shared<remote::mailbox>()) {
    box_->world = world_.get();
}

loop::~loop() {
    std::vector<std::function<void()>> unread;  // destroyed without the lock: what it captured may post
    const std::scoped_lock locked(box_->lock);
    box_->world = nullptr;
    unread.swap(box_->mail);
}

loop& loop::current() {
    WEIR_CHECK(running_here != nullptr, "no loop runs on this thread: weir::run() enters one");
    return *running_here;
}

void loop::cancel() noexcept {
    if (running_ != nullptr) running_->cancel();
}

void loop::run_once(deadline until) {
    const entered here(*this);
    turn(until);
}

void loop::run_until(child& first) {
    const entered here(*this);
    child* const before = std::exchange(running_, &first);
    while (!first.has_ended()) turn(deadline::never());
    running_ = before;
}

void loop::turn(deadline until) {
    until = std::min(until, timers_.next());
    world_->wait(ready_.empty() ? until : deadline(time_point::min()));
    now_ = world_->now();
    take_mail();
    timers_.expire(now_);
    // What becomes ready while this runs waits for the next turn, so that the world is looked at in between.
    ready_list of_this_turn;
    of_this_turn.append(ready_);
    while (ready_item* const item = of_this_turn.pop()) item->run();
}

void loop::take_mail() {
    std::vector<std::function<void()>> mail;
    {
        const std::scoped_lock locked(box_->lock);
        mail.swap(box_->mail);
    }
    for (const auto& work : mail) work();
}

}  // namespace weir
