// Each call that opens a loop fails once, and so does each call of blocking channels: see torture.h.
#include <exception>

#include "tests/conformance/torture.h"

using namespace weir_test;

namespace {

// Opens a loop and runs a task on it. Returns false and sets `reason` when the backend cannot be opened. A loop that
// uses epoll in place of io_uring must have a remark.
template <backend_kind which>
bool opens(std::string& reason) {
    auto made = open_backend(which);
    if (!made) {
        reason = made.error().message();
        if (made.error() == errc::none) reason = "wrong";
        return false;
    }
    if (which != backend_kind::automatic && (*made)->kind() != which) reason = "wrong";
    if ((*made)->kind() != backend_kind::io_uring && which == backend_kind::automatic && (*made)->remark().empty())
        reason = "wrong";
    loop here(std::move(*made));
    injected_failure::disarm();
    auto waits = []() -> task<int> {
        co_await sleep(1ms);
        co_return 7;
    };
    return here.run(waits()) == 7;
}

template <backend_kind which>
void open_a_loop(seen& all) {
    all.has_begun = true;
    try {
        all.first_was_served = opens<which>(all.reason);
    } catch (const std::bad_alloc& thrown) {
        all.reason = thrown.what();
    }
    injected_failure::disarm();
    std::string reason;
    all.next_was_served = opens<which>(reason);
}

// Opens a loop on the default backend. This always succeeds, unless memory is short.
void open_any_loop(seen& all) {
    all.has_begun = true;
    try {
        loop here(system_backend());
        injected_failure::disarm();
        auto asks = [](std::string& reason) -> task<bool> {
            auto opened = datagram_channel::bind(*address::parse("127.0.0.1:0"));
            if (!opened) reason = opened.error().message();
            co_return static_cast<bool>(opened);
        };
        all.first_was_served = here.run(asks(all.reason));
    } catch (const std::bad_alloc& thrown) {
        all.reason = thrown.what();
    }
    all.next_was_served = true;
}

// Runs both ends on one thread, because every message fits in the kernel's buffers.
bool talk(std::string& reason) try {
    const deadline until = within(5s);
    auto listening = listen_on("127.0.0.1:0");
    if (!listening) {
        reason = listening.error().message();
        return false;
    }
    auto here = listening->local_address();
    auto made =
        here ? connect_to(std::string(two_addresses) + ":" + std::to_string(here->port()), until) : here.error();
    if (!made) {
        reason = made.error().message();
        return false;
    }
    auto came = listening->accept(until);
    if (!came) {
        reason = came.error().message();
        return false;
    }
    blocking_channel client(std::move(*made), framing::len32());
    blocking_channel served(std::move(came->connection), framing::len32());
    blocking_channel* from = &client;
    blocking_channel* to = &served;
    for (const std::size_t size : {5U, 20'000U, 7U}) {
        const std::string words(size, 'w');
        auto sent = from->send(words, until);
        if (!sent) {
            reason = sent.error().message();
            return false;
        }
        auto reply = to->receive(until);
        if (!reply || reply->text() != words) {
            reason = reply ? "wrong" : reply.error().message();
            return false;
        }
        std::swap(from, to);
    }
    auto ended = client.shutdown_send();
    auto end = ended ? served.receive(until) : ended.error();
    if (end == errc::closed) return true;
    reason = end ? "more came" : end.error().message();
    return false;
} catch (const std::bad_alloc& thrown) {
    reason = thrown.what();
    return false;
}

void talk_without_a_loop(seen& all) {
    all.has_begun = true;
    all.first_was_served = talk(all.reason);
    injected_failure::disarm();
    std::string reason;
    all.next_was_served = talk(reason);
}

const names each_io_uring{"operator new",
                          "io_uring_setup",
                          "socketpair",
                          "mmap",
                          "io_uring_register",
                          "epoll_create1",
                          "eventfd",
                          "io_uring_register_buf_ring",
                          "io_uring_submit_and_wait_timeout",
                          "IORING_OP_POLL_ADD",
                          "IORING_OP_RECV"};

}  // namespace

TEST_CASE("each call in opening a loop fails: the error has a reason, and nothing leaks") {
    fails_everywhere({.blocks = &open_a_loop<backend_kind::epoll>,
                      .places = 4,
                      .fail = {"operator new", "epoll_create1", "eventfd", "epoll_ctl"}});
    fails_everywhere({.blocks = &open_a_loop<backend_kind::io_uring>, .places = 10, .fail = each_io_uring});
    fails_everywhere({.blocks = &open_a_loop<backend_kind::automatic>, .places = 10, .fail = each_io_uring});
    fails_everywhere({.blocks = &open_any_loop, .places = 10, .fail = each_io_uring});
}
TEST_CASE("each allocation, call and thread of a dialogue without a loop fails with a reason") {
    fails_everywhere({.blocks = &talk_without_a_loop,
                      .places = 50,
                      .fail = {"operator new", "a thread", "socket", "connect", "accept4", "ppoll"}});
    fails_everywhere({.blocks = &talk_without_a_loop,
                      .where = failing::started_threads,
                      .places = 2,
                      .fail = {"operator new", "getaddrinfo"}});
}
