#include "weir/service/server_loops.h"

#include <latch>
#include <mutex>
#include <utility>

#include "weir/base/check.h"
#include "weir/loop/loop.h"
#include "weir/loop/loop_thread.h"
#include "weir/loop/queue.h"

namespace weir {

// The servers that run, so that one call stops each on its own thread.
class server_loops::core : public std::enable_shared_from_this<core> {
public:
    core(server first, std::vector<server_options> how) : first_(std::move(first)), how_(std::move(how)) {}

    void stop();
    task<> run_one(server& one, handler handles);
    task<> run_beside(server_options how, const std::function<handler()>& make, std::latch& joined);

    server first_;
    std::vector<server_options> how_;
    server_figures figures_;

private:
    struct entry {
        server* one;
        remote where;
    };
    void stop_if_running(const server* one);

    std::mutex lock_;  // for what follows, and for figures_ until all have ended
    std::vector<entry> running_;
    int stops_ = 0;
};

namespace {

// Threads that end in any case: what did not end by itself is cut.
template <class All>
struct other_loops {
    All& all;
    std::vector<loop_thread> threads{};

    ~other_loops() {
        all.stop();
        all.stop();
    }
};

}  // namespace

task<> server_loops::core::run_one(server& one, handler handles) {
    {
        const std::scoped_lock locked(lock_);
        running_.push_back({&one, loop::current().from_elsewhere()});
        for (int i = 0; i < stops_; ++i) one.stop();
    }
    co_await one.serve_with(std::move(handles));
    const std::scoped_lock locked(lock_);
    std::erase_if(running_, [&](const entry& each) { return each.one == &one; });
    figures_ += one.figures();
}

task<> server_loops::core::run_beside(server_options how, const std::function<handler()>& make, std::latch& joined) {
    auto mine = [&] {
        const std::scoped_lock locked(lock_);
        return server::join(first_, how);
    }();
    joined.count_down();
    if (!mine) {
        if (how.log) how.log({server_event::kind::paused, mine.error().message(), nullptr, &mine.error()});
        co_return;
    }
    co_await run_one(*mine, make());
}

void server_loops::core::stop() {
    const std::scoped_lock locked(lock_);
    ++stops_;
    for (const auto& each : running_) {
        each.where.post([all = weak_from_this(), one = each.one] {
            if (const auto living = all.lock()) living->stop_if_running(one);
        });
    }
}

// On the loop of that server; it may have ended since.
void server_loops::core::stop_if_running(const server* one) {
    server* found = nullptr;
    {
        const std::scoped_lock locked(lock_);
        for (const auto& each : running_) {
            if (each.one == one) found = each.one;
        }
    }
    if (found != nullptr) found->stop();
}

server_loops::server_loops(std::shared_ptr<core> made) : core_(std::move(made)) {}
server_loops::server_loops(server_loops&&) noexcept = default;
server_loops& server_loops::operator=(server_loops&&) noexcept = default;
server_loops::~server_loops() = default;

result<server_loops> server_loops::listen(std::string_view here, framing described, std::vector<server_options> loops) {
    WEIR_CHECK(!loops.empty(), "server_loops::listen() needs the options of one loop at least");
    auto first = server::listen(here, std::move(described), loops.front());
    if (!first) return first.error();
    return server_loops(std::make_shared<core>(std::move(*first), std::move(loops)));
}

task<> server_loops::serve_with(std::function<handler()> make) {
    const std::shared_ptr<core> all = core_;
    const std::size_t others = all->how_.size() - 1;
    std::latch joined(static_cast<std::ptrdiff_t>(others));
    const auto ended = std::make_shared<queue<bool>>(others + 1);
    other_loops<core> beside{*all};
    for (std::size_t i = 1; i <= others; ++i) {
        beside.threads.emplace_back(
            [&, i, ended, home = loop::current().from_elsewhere()](loop& mine) {
                mine.run(all->run_beside(all->how_[i], make, joined));
                home.post([ended] { static_cast<void>(ended->try_push(true)); });
            },
            loop::current().world().kind());
    }
    joined.wait();  // the first may stop listening from here on
    task<> first = all->run_one(all->first_, make());
    co_await std::move(first);
    for (std::size_t i = 0; i < others; ++i) {
        const auto one = co_await ended->pop();
        if (!one) break;  // cancelled
    }
}

void server_loops::stop() { core_->stop(); }
address server_loops::local_address() const { return core_->first_.local_address(); }
server_figures server_loops::figures() const { return core_->figures_; }

}  // namespace weir
