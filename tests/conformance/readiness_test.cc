// Both backends watch descriptors with epoll(7). A flood of events does not block the loop.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <deque>

#include "tests/conformance/backends.h"
#include "weir/kernel/common/kernel_backend.h"

using namespace weir_test;

namespace {

// A watched descriptor that is ready again after each event, like a socket in a flood.
class flooded final : public internal::readiness_item {
public:
    explicit flooded(int& left) : left_(left), counter_(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    int fd() const noexcept { return counter_.fd(); }
    int calls() const noexcept { return calls_; }
    void on_ready(std::uint32_t) noexcept override {
        ++calls_;
        const std::uint64_t one = 1;
        if (left_-- > 0) static_cast<void>(::write(fd(), &one, sizeof one) == sizeof one);
    }

private:
    int& left_;
    descriptor counter_;
    int calls_ = 0;
};

constexpr int sockets = 150;

}  // namespace

TEST_CASE("a flood on more sockets than one wait can handle does not block the loop, and each socket is served") {
    for (const auto which : {backend_kind::epoll, backend_kind::io_uring}) {
        CAPTURE(std::string(to_string(which)));
        auto opened = open_backend(which);
        REQUIRE(opened);
        auto& kernel = static_cast<internal::kernel_backend&>(**opened);
        int left = 100'000;  // ends the flood, so that a faulty wait returns
        std::deque<flooded> all;
        for (int i = 0; i != sockets; ++i) {
            all.emplace_back(left);
            const auto watched = kernel.readiness().watch(all.back().fd(), all.back());
            REQUIRE(watched);
        }
        bool all_told = true;
        for (int turns = 0; turns != 8; ++turns) {
            const int before = left;
            all_told = kernel.wait(kernel.now() + 5s);
            CHECK(before - left <= static_cast<int>(internal::readiness_set::most_events));
        }
        CHECK_FALSE(all_told);
        for (const auto& one : all) CHECK(one.calls() != 0);
        // poll_fd() is readable while events are left, so that a foreign loop can wait for it.
        kernel.submit();
        pollfd asked{kernel.poll_fd(), POLLIN, 0};
        CHECK(::poll(&asked, 1, 5000) == 1);
        left = 0;
        while (!kernel.wait(deadline(time_point::min()))) {
        }
        for (const auto& one : all) kernel.readiness().forget(one.fd());
    }
}
