// One body of tests, run in every world there is: what a test sees must not depend on which.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "weir/weir.h"

namespace weir_test {

using namespace weir;
using namespace std::chrono_literals;

struct world {
    const char* name;
    std::unique_ptr<backend> (*make)();
};

inline constexpr world worlds[] = {
    {"epoll", [] { return real_world(); }},
};

// Runs `main()` on a loop of each world.
template <class Main>
void in_each_world(Main main) {
    for (const auto& each : worlds) {
        CAPTURE(std::string(each.name));
        loop here(each.make());
        here.run(main());
    }
}

// The two ends of a connection: what was accepted and what connected.
struct ends {
    channel served;
    channel client;
};

class accepting final : public acceptor::user, waiting {
public:
    explicit accepting(acceptor& from) : from_(from) { from.tell(*this); }
    ~accepting() override { take_back(); }
    bool await_ready() {
        one_ = from_.accept();
        return one_.has_value();
    }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return park(frame);
    }
    newcomer await_resume() { return std::move(*one_); }

private:
    void accepted(newcomer one) noexcept override {
        one_ = std::move(one);
        complete();
    }
    void abandon() noexcept override { from_.rest(); }

    acceptor& from_;
    std::optional<newcomer> one_;
};

inline task<ends> connected(framing described = framing::lines(), channel_limits served = {},
                            channel_limits client = {}) {
    auto listening = loop::current().world().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    task<result<channel>> connecting = connect((*listening)->local_address().to_string(), described, client);
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    accepting arrives(**listening);
    newcomer one = co_await arrives;
    REQUIRE(one.how.good());
    co_return ends{channel(std::move(one.connection), described, served, one.peer), std::move(*made)};
}

}  // namespace weir_test
