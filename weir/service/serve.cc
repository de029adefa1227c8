#include "weir/service/serve.h"

#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "weir/loop/loop.h"
#include "weir/loop/loop_thread.h"

namespace weir {
namespace {

// The servers of all loops, so that one signal stops each on its own thread.
class all_servers {
public:
    void add(server& one) {
        const std::scoped_lock locked(lock_);
        all_.push_back({&one, loop::current().from_elsewhere()});
        for (int i = 0; i < stops_; ++i) one.stop();
    }
    void remove(server& one) {
        const std::scoped_lock locked(lock_);
        std::erase_if(all_, [&](const entry& each) { return each.one == &one; });
    }
    void stop() {
        const std::scoped_lock locked(lock_);
        ++stops_;
        for (const auto& each : all_) {
            each.where.post([this, one = each.one] {
                if (has(*one)) one->stop();
            });
        }
    }

private:
    struct entry {
        server* one;
        remote where;
    };
    bool has(const server& one) {
        const std::scoped_lock locked(lock_);
        for (const auto& each : all_) {
            if (each.one == &one) return true;
        }
        return false;
    }

    std::mutex lock_;
    std::vector<entry> all_;
    int stops_ = 0;
};

task<> run_one(server& one, handler handles, all_servers& all) {
    all.add(one);
    co_await one.serve_with(std::move(handles));
    all.remove(one);
}

task<result<server>> open(std::string_view here, framing described, server_options how) {
    co_return server::listen(here, std::move(described), std::move(how));
}

task<> run_beside(const server& first, server_options how, handler handles, all_servers& all, std::latch& joined) {
    auto mine = server::listen_beside(first, std::move(how));
    joined.count_down();
    if (!mine) {
        mine.error().print();
        co_return;
    }
    co_await run_one(*mine, std::move(handles), all);
}

}  // namespace

int serve_handlers(std::string_view here, framing described, serve_options how, const std::function<handler()>& make,
                   bool one_thread_only) {
    const auto refuse = [](const char* why) {
        error(errc::invalid, "serve", {}, why).print();
        return 2;
    };
    if (how.threads == 0) return refuse("threads must be at least 1");
    if (how.threads > 1 && one_thread_only) {
        return refuse(
            "with more than one thread a handler's further arguments are values, weir::per_loop(factory) or "
            "weir::shared(x), by that word: a plain reference or pointer would be used by several threads at once");
    }
    loop first(real_world());
    auto opened = first.run(open(here, std::move(described), how));
    if (!opened) return opened.error().print();
    all_servers all;
    // From the first moment on at which anybody can know that this program serves. A third signal does what it does by itself.
    std::vector<std::unique_ptr<signal_watch>> watches;
    int signals = 0;
    const auto stop = [&] {
        all.stop();
        if (++signals == 2) watches.clear();
    };
    for (const auto which : {signal::interrupt, signal::terminate}) {
        if (auto watched = first.world().watch(which, stop)) watches.push_back(std::move(*watched));
    }
    std::latch joined(how.threads - 1);
    std::vector<loop_thread> others;
    for (unsigned i = 1; i < how.threads; ++i) {
        others.emplace_back([&](loop& mine) { mine.run(run_beside(*opened, how, make(), all, joined)); });
    }
    joined.wait();  // the first may stop listening from here on
    first.run(run_one(*opened, make(), all));
    others.clear();
    return 0;
}

}  // namespace weir
