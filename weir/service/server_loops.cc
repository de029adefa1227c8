#include "weir/service/server_loops.h"

#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/loop_thread.h"
#include "weir/coroutine/queue.h"
#include "weir/coroutine/run.h"
#include "weir/loop/internal/one_shot_value.h"
#include "weir/loop/loop.h"
#include "weir/service/internal/server_core.h"

namespace weir {

// The servers of all loops. stop() posts to each of them, so that each server stops on its own thread. When listen()
// returns without an error, the other loops are open. They begin to serve in run(); until then clients wait in the
// queue of the listener.
class server_loops::core : public std::enable_shared_from_this<core> {
public:
    core(server first, std::vector<server_options> how) : first_(std::move(first)), options_(std::move(how)) {}
    ~core() { join(); }

    // Starts the threads, loops and servers of the other loops. After an error the other servers serve nothing, and the
    // destructor joins their threads.
    result<void> open_others(backend_kind which);
    // Makes the other servers serve. Each posts one of `ends` to `home` when it ends.
    void begin(std::function<handler()> make, const remote& home, std::vector<remote::prepared> ends);
    // Joins the threads. Requires that the threads end: their servers were stopped, or begin() was not called.
    void join() noexcept;

    void stop() noexcept;
    task<> run_one(server& one, handler handles);
    std::size_t others() const noexcept { return threads_.size(); }
    // Rethrows the first exception of another loop's thread, for example one that a factory threw. Returns if there was
    // none.
    void rethrow();

    using shared_counters = std::shared_ptr<const internal::server_counters>;
    static shared_counters counters_of(const server& one) { return one.core_->counters(); }
    server_stats stats() const;

    server first_;
    std::vector<server_options> options_;

private:
    enum class stage : std::uint8_t { listening, serving, abandoned };
    using opening = internal::one_shot_value<result<shared_counters>>;

    // The function of another loop's thread.
    void run_other(loop& mine, const server_options& how, opening& opened) noexcept;
    std::optional<server> listen_on_other(const server_options& how, opening& opened) noexcept;
    stage wait_for_run();
    void failed(std::exception_ptr why) noexcept;
    void ended() noexcept;

    // Only this many calls of stop() have an effect.
    static constexpr std::size_t most_stops = 2;
    // Contains prepared posts for all calls of stop(), so that stop() allocates no memory.
    struct entry {
        server* one;
        remote where;
        std::array<remote::prepared, most_stops> stops;
    };
    // Keeps a server in running_ while it runs, and removes it even when an exception ends it.
    class listed;
    void stop_if_running(const server* one);

    std::vector<shared_counters> counters_{counters_of(first_)};  // of each loop; complete when open_others() returns

    std::mutex lock_;  // guards the members up to failure_
    std::condition_variable changed_;
    stage stage_ = stage::listening;
    std::function<handler()> make_;
    std::optional<remote> home_;
    std::vector<remote::prepared> ends_;
    std::vector<entry> running_;
    std::size_t stops_ = 0;
    std::exception_ptr failure_;

    std::vector<loop_thread> threads_;
};

class server_loops::core::listed {
public:
    listed(core& all, server& one) : all_(all), one_(one) {
        entry made{&one_, loop::current().from_elsewhere(), {}};
        for (auto& each : made.stops) {
            each = remote::prepare([weak = all_.weak_from_this(), mine = &one_] {
                if (const auto all_loops = weak.lock()) all_loops->stop_if_running(mine);
            });
        }
        const std::scoped_lock locked(all_.lock_);
        all_.running_.push_back(std::move(made));
        stops_before_ = all_.stops_;
    }
    listed(const listed&) = delete;
    listed& operator=(const listed&) = delete;
    ~listed() {
        const std::scoped_lock locked(all_.lock_);
        std::erase_if(all_.running_, [&](const entry& each) { return each.one == &one_; });
    }

    // The number of calls of stop() before the server was listed. They were not posted to the server.
    std::size_t stops_before() const noexcept { return stops_before_; }

private:
    core& all_;
    server& one_;
    std::size_t stops_before_ = 0;
};

namespace {

// Ends all loops: connections that have not ended by themselves are aborted.
template <class All>
struct other_loops {
    All& all;

    ~other_loops() {
        all.stop();
        all.stop();
        all.join();
    }
};

}  // namespace

server_stats server_loops::core::stats() const {
    server_stats sum;
    for (const auto& each : counters_) sum += each->now();
    return sum;
}

task<> server_loops::core::run_one(server& one, handler handles) {
    const listed here(*this, one);
    // Called without the lock, because a log may call stop() when it gets the event `draining`.
    for (std::size_t i = 0; i < here.stops_before(); ++i) one.stop();
    co_await one.serve_with(std::move(handles));
}

result<void> server_loops::core::open_others(backend_kind which) {
    threads_.reserve(options_.size() - 1);
    for (std::size_t i = 1; i < options_.size(); ++i) {
        const auto opened = std::make_shared<opening>();
        auto started =
            loop_thread::start([this, i, opened](loop& mine) { run_other(mine, options_[i], *opened); }, which);
        result<shared_counters> listens = error(errc::system);
        if (started) {
            threads_.push_back(std::move(*started));
            listens = opened->take();
        } else {
            listens = started.error();
        }
        if (!listens) {
            const std::string all = std::to_string(options_.size());
            return listens.error().during("start loop " + std::to_string(i + 1) + " of " + all, {});
        }
        counters_.push_back(std::move(*listens));
    }
    return {};
}

std::optional<server> server_loops::core::listen_on_other(const server_options& how, opening& opened) noexcept {
    try {
        auto mine = server::join(first_, how);
        opened.give(mine ? result<shared_counters>(counters_of(*mine)) : mine.error());
        if (mine) return std::move(*mine);
    } catch (const std::bad_alloc&) {
        opened.give(error(errc::no_memory, "listen"));
    }
    return {};
}

void server_loops::core::run_other(loop& mine, const server_options& how, opening& opened) noexcept {
    const loop::entered here(mine);
    std::optional<server> one = listen_on_other(how, opened);
    if (!one || wait_for_run() == stage::abandoned) return;
    try {
        mine.run(run_one(*one, make_()));
    } catch (...) {
        failed(std::current_exception());
    }
    one.reset();  // destroyed before its loop, and before ended() reports its end
    ended();
}

server_loops::core::stage server_loops::core::wait_for_run() {
    std::unique_lock locked(lock_);
    changed_.wait(locked, [&] { return stage_ != stage::listening; });
    return stage_;
}

void server_loops::core::begin(std::function<handler()> make, const remote& home, std::vector<remote::prepared> ends) {
    const std::scoped_lock locked(lock_);
    make_ = std::move(make);
    home_ = home;
    ends_ = std::move(ends);
    stage_ = stage::serving;
    changed_.notify_all();
}

void server_loops::core::join() noexcept {
    {
        const std::scoped_lock locked(lock_);
        if (stage_ == stage::listening) stage_ = stage::abandoned;
        changed_.notify_all();
    }
    threads_.clear();
}

void server_loops::core::failed(std::exception_ptr why) noexcept {
    {
        const std::scoped_lock locked(lock_);
        if (failure_ == nullptr) failure_ = std::move(why);
    }
    stop();
    stop();
}

void server_loops::core::ended() noexcept {
    const std::scoped_lock locked(lock_);
    home_->post(std::move(ends_.back()));
    ends_.pop_back();
}

void server_loops::core::rethrow() {
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void server_loops::core::stop() noexcept {
    const std::scoped_lock locked(lock_);
    if (stops_ == most_stops) return;
    for (auto& each : running_) each.where.post(std::move(each.stops[stops_]));
    ++stops_;
}

// Runs on the loop of the server `one`, which may have ended in the meantime.
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
    WEIR_CHECK(!loops.empty(), "server_loops::listen() needs options for at least one loop");
    auto first = server::listen(here, std::move(described), loops.front());
    return open(std::move(first), std::move(loops));
}

result<server_loops> server_loops::on(socket listening, framing described, std::vector<server_options> loops) {
    WEIR_CHECK(!loops.empty(), "server_loops::on() needs options for at least one loop");
    auto first = server::on(std::move(listening), std::move(described), loops.front());
    return open(std::move(first), std::move(loops));
}

result<server_loops> server_loops::open(result<server> first, std::vector<server_options> loops) {
    if (!first) return first.error();
    auto made = std::make_shared<core>(std::move(*first), std::move(loops));
    if (auto opened = made->open_others(loop::current().backend().kind()); !opened) return opened.error();
    return server_loops(std::move(made));
}

task<> server_loops::serve_with(std::function<handler()> make) {
    const std::shared_ptr<core> all = core_;
    const std::size_t others = all->others();
    const auto ended = std::make_shared<queue<bool>>(others + 1);
    const other_loops<core> others_end{*all};
    std::vector<remote::prepared> ends;
    ends.reserve(others);
    for (std::size_t i = 0; i < others; ++i)
        ends.push_back(remote::prepare([ended] { static_cast<void>(ended->try_push(true)); }));
    all->begin(make, loop::current().from_elsewhere(), std::move(ends));
    task<> first = all->run_one(all->first_, make());
    co_await std::move(first);
    for (std::size_t i = 0; i < others; ++i) {
        const auto one = co_await ended->pop();
        if (!one) break;  // cancelled
    }
    all->stop();  // after a cancel only the first loop has ended
    all->stop();
    all->join();
    all->rethrow();
}

void server_loops::stop() { core_->stop(); }
address server_loops::local_address() const { return core_->first_.local_address(); }
server_stats server_loops::stats() const { return core_->stats(); }

}  // namespace weir
