// Runs the same test body on every backend: the results must not depend on the backend.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/conformance/tiny_ring.h"
#include "tests/conformance/tls_wrapper.h"
#include "tests/conformance/toy_transform.h"
#include "weir/base/text.h"
#include "weir/sim/network.h"
#include "weir/weir.h"

namespace weir_test {

using namespace weir;
using namespace std::chrono_literals;

// The wrapper of all connections: none, the toy transform, or TLS.
enum class transform : std::uint8_t { none, toy, tls };

struct tested_backend {
    const char* name;
    std::unique_ptr<backend> (*make)(std::uint64_t seed);
    transform by;
    std::uint64_t seeds;  // the default number of runs; 1 on a real kernel

    constexpr bool transforms() const noexcept { return by != transform::none; }
};

inline std::unique_ptr<backend> by_uring(std::uint64_t) { return std::move(*open_backend(backend_kind::io_uring)); }
inline std::unique_ptr<backend> by_epoll(std::uint64_t) { return std::move(*open_backend(backend_kind::epoll)); }
inline std::unique_ptr<backend> simulated(std::uint64_t seed) {
    return std::make_unique<sim::network>(choices::random(seed));
}

inline constexpr tested_backend tested_backends[] = {
    {"epoll", by_epoll, transform::none, 1},
    {"epoll, transformed", by_epoll, transform::toy, 1},
    {"io_uring", by_uring, transform::none, 1},
    {"io_uring, transformed", by_uring, transform::toy, 1},
    {"io_uring, tiny", by_tiny_ring, transform::none, 1},
    {"simulated", simulated, transform::none, 30},
    {"simulated, transformed", simulated, transform::toy, 30},
    {"epoll, tls", by_epoll, transform::tls, 1},
    {"io_uring, tls", by_uring, transform::tls, 1},
    {"simulated, tls", simulated, transform::tls, 5},
};

inline const tested_backend* this_backend = nullptr;

// Returns the wrappers for connections of this backend. The TLS role is client for connections of connect(), and server
// for others, unless `as` names another role.
inline wrappers worn(tls_wrapper::role as = tls_wrapper::role::by_host) {
    switch (this_backend->by) {
        case transform::none: return {};
        case transform::toy: return {std::make_shared<toy_wrapper>()};
        case transform::tls: return {std::make_shared<tls_wrapper>(as)};
    }
    return {};
}
inline wrappers worn_by_client() { return worn(tls_wrapper::role::client); }

// Runs `main()` on a loop of this backend, once for each seed from 1 to `runs`.
template <class Main>
void on_backend(const tested_backend& where, Main& main, std::uint64_t runs) {
    CAPTURE(std::string(where.name));
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
        CAPTURE(seed);
        this_backend = &where;
        loop here(where.make(seed));
        here.run(main());
    }
}

// Runs `main()` on each backend, and `seeds` times on each simulated one. Environment variables can change this:
// WEIR_BACKEND=NAME selects one backend, and WEIR_SEEDS=N sets the number of simulated runs (used by
// tests/full/tls.sh).
template <class Main>
void on_each_backend(Main main, std::uint64_t seeds = 0) {
    const char* const only = std::getenv("WEIR_BACKEND");
    const char* const asked = std::getenv("WEIR_SEEDS");
    if (asked != nullptr) seeds = parse_unsigned(asked).value();
    for (const auto& each : tested_backends) {
        if (only != nullptr && std::string_view(each.name) != only) continue;
        on_backend(each, main, each.seeds > 1 && seeds != 0 ? seeds : each.seeds);
    }
}

// Runs `main()` on each backend of the kernel.
template <class Main>
void on_each_kernel_backend(Main main) {
    for (const auto& each : tested_backends) {
        if (each.seeds == 1) on_backend(each, main, 1);
    }
}

class accepting final : public acceptor::user, internal::event_awaiter {
public:
    explicit accepting(acceptor& from) : from_(from) { from.set_user(*this); }
    ~accepting() override { take_back(); }
    bool await_ready() {
        one_ = from_.accept();
        return one_.has_value();
    }
    template <internal::on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return park(frame);
    }
    accepted_connection await_resume() {
        return one_ ? std::move(*one_) : accepted_connection{{errc::cancelled, 0}, {}, {}};
    }

private:
    void on_accepted(accepted_connection one) noexcept override {
        one_ = std::move(one);
        complete();
    }
    void abandon() noexcept override { from_.pause(); }

    acceptor& from_;
    std::optional<accepted_connection> one_;
};

// Makes a connection and returns its two ends: `auto [served, client] = co_await connected();`.
inline task<std::pair<channel, channel>> connected(framing described = framing::lines(), channel_limits served = {},
                                                   channel_limits client = {}) {
    auto listening = loop::current().backend().listen("127.0.0.1:0", {});
    REQUIRE(listening);
    const address where = (*listening)->local_address();
    task<result<owned_stream>> connecting = connect_stream(where.to_string());
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    accepting arrives(**listening);
    accepted_connection one = co_await arrives;
    REQUIRE(one.how.good());
    task<result<channel>> first = adopt_stream(std::move(one.connection), worn(), described, served);
    task<result<channel>> second = adopt_stream(std::move(*made), worn_by_client(), described, client);
    auto both = co_await when_all(std::move(first), std::move(second));
    REQUIRE(std::get<0>(both));
    REQUIRE(std::get<1>(both));
    co_return std::pair(std::move(*std::get<0>(both)), std::move(*std::get<1>(both)));
}

// Runs the loop until the channel is idle.
inline task<> until_idle(const channel& one) {
    for (int i = 0; i < 5000 && !one.core().is_idle(); ++i) co_await sleep(1ms);
    REQUIRE(one.core().is_idle());
}

}  // namespace weir_test
