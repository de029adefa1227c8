// A backend in virtual time for tests of the loop. A wait jumps to the next timer; there are no network events.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "weir/coroutine/run.h"
#include "weir/loop/loop.h"

namespace weir_test {

class virtual_backend final : public weir::backend {
public:
    std::uint64_t random() override { return 4; }
    weir::result<weir::owned_acceptor> listen(std::string_view, weir::listen_options) override { return nothing(); }
    weir::result<std::unique_ptr<weir::connect_attempt>> connect(const weir::address&,
                                                                 weir::connect_attempt::user&) override {
        return nothing();
    }
    weir::result<weir::owned_port> open_port(const weir::address&, const weir::address&) override { return nothing(); }
    std::function<weir::result<std::vector<weir::address>>()> look_up(std::string) override {
        return [] { return weir::result<std::vector<weir::address>>(nothing()); };
    }
    weir::result<std::unique_ptr<weir::signal_watch>> watch(weir::signal, std::function<void()>) override {
        return nothing();
    }

    weir::time_point now() override { return now_; }
    bool wait(weir::deadline until) override {
        ++waits;
        if (!work_.empty()) {
            const auto work = std::move(work_.front());
            work_.pop_front();
            work();
            return work_.empty();
        }
        if (std::exchange(awake_, false)) return true;
        REQUIRE_FALSE(until.is_never());  // a wait for ever means that an event was lost
        now_ = std::max(now_, until.at());
        return true;
    }
    void wake() noexcept override { awake_ = true; }
    weir::result<void> offload(std::function<void()> work, weir::at_loop_end) override {
        work_.push_back(std::move(work));
        return {};
    }

    std::size_t waits = 0;

private:
    static weir::error nothing() { return weir::error(weir::errc::unsupported); }

    weir::time_point now_{};
    bool awake_ = false;
    std::deque<std::function<void()>> work_;
};

// Runs the task in virtual time.
template <class T>
T run_virtually(weir::task<T> main) {
    weir::loop here(std::make_unique<virtual_backend>());
    return here.run(std::move(main));
}

}  // namespace weir_test
