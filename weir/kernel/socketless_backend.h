// A backend that uses no descriptors, for a process that has none left. The clock, helper threads and wake() work.
// Every socket is refused with the error that kept the other backends from opening. Private: system_backend() chooses
// it.
#pragma once

#include <semaphore.h>

#include <utility>

#include "weir/kernel/common/helper_threads.h"
#include "weir/kernel/common/signal_slots.h"
#include "weir/loop/backend.h"

namespace weir::internal {

class socketless_backend final : public backend {
public:
    // `why` is the error that listen(), adopt(), connect() and open_port() return.
    explicit socketless_backend(error why);
    ~socketless_backend() override;

    time_point now() override;
    std::uint64_t random() override;
    bool wait(deadline until) override;
    // May be called from a signal handler, too.
    void wake() noexcept override;
    result<void> offload(std::function<void()> work, at_loop_end then) override {
        return helpers_.run(std::move(work), then);
    }

    result<owned_acceptor> listen(std::string_view here, listen_options how) override;
    result<owned_acceptor> adopt_listener(socket listening) override;
    result<owned_stream> adopt(socket connected) override;
    result<std::unique_ptr<connect_attempt>> connect(const address& peer, connect_attempt::user& user) override;
    result<owned_port> open_port(const address& here, const address& peer) override;
    std::function<result<std::vector<address>>()> look_up(std::string text) override;
    result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> on_signal) override;

private:
    const error why_;
    sem_t awake_{};  // above 0 after wake(), until the next wait
    signal_slots signals_;
    helper_threads helpers_;
};

}  // namespace weir::internal
