#include "weir/service/serve.h"

#include <memory>
#include <vector>

#include "weir/coroutine/run.h"
#include "weir/loop/loop.h"
#include "weir/service/server_loops.h"
#include "weir/socket/descriptor.h"

namespace weir {
namespace {

task<result<server_loops>> open(std::string_view here, framing described, const serve_options& how) {
    std::vector<server_options> loops;
    for (const limits& share : divide_among_loops(how.limits, how.threads)) {
        loops.push_back(how);
        loops.back().limits = share;
    }
    co_return server_loops::listen(here, std::move(described), std::move(loops));
}

}  // namespace

int internal::serve_handlers(std::string_view here, framing described, const serve_options& how,
                             const std::function<handler()>& make, bool one_thread_only) {
    const auto refuse = [](const char* why) {
        error(errc::invalid, "serve", {}, why).print();
        return 2;
    };
    if (how.threads == 0) return refuse("threads must be at least 1");
    if (how.threads > 1 && one_thread_only) {
        return refuse(
            "with more than one thread, a handler's further arguments must be values, weir::per_loop(factory) or "
            "weir::shared(x): several threads would use a plain reference or pointer at once");
    }
    allow_most_descriptors();
    auto platform = open_backend(how.backend);
    if (!platform) return platform.error().print();
    loop first(std::move(*platform));
    auto opened = first.run(open(here, std::move(described), how));
    if (!opened) return opened.error().print();
    // Watches the signals before the log reports that the server listens, so that a signal after this report starts the
    // drain. After the second signal the watches end, so a third one has its default action.
    std::vector<std::unique_ptr<signal_watch>> watches;
    int signals = 0;
    const auto stop = [&] {
        opened->stop();
        if (++signals == 2) watches.clear();
    };
    for (const auto which : {signal::interrupt, signal::terminate}) {
        if (auto watched = first.backend().watch(which, stop)) watches.push_back(std::move(*watched));
    }
    if (how.on_hang_up) {
        if (auto watched = first.backend().watch(signal::hang_up, how.on_hang_up))
            watches.push_back(std::move(*watched));
    }
    first.run(opened->serve_with(make));
    return 0;
}

}  // namespace weir
