// The common part of the io_uring backend and the epoll backend: clock, names, signals, accepting, connecting,
// datagrams, waking. The two differ in how they read and write connections. Private.
#pragma once

#include <atomic>

#include "weir/kernel/common/helper_threads.h"
#include "weir/kernel/common/readiness.h"
#include "weir/kernel/common/signal_slots.h"
#include "weir/loop/backend.h"
#include "weir/socket/socket.h"

namespace weir::internal {

class kernel_backend : public backend {
public:
    time_point now() final;
    std::uint64_t random() final;
    void wake() noexcept final;
    result<void> offload(std::function<void()> work, at_loop_end then) final {
        return helpers_.run(std::move(work), then);
    }

    result<owned_acceptor> listen(std::string_view here, listen_options how) final;
    result<owned_acceptor> adopt_listener(socket listening) final;
    result<std::unique_ptr<connect_attempt>> connect(const address& peer, connect_attempt::user& user) final;
    result<owned_port> open_port(const address& here, const address& peer) final;
    std::function<result<std::vector<address>>()> look_up(std::string text) final;
    result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> on_signal) final;

    // A turn reads about this number of bytes at most, and then tasks run. If it read more, the first bytes would leave
    // the cache before tasks use them.
    static constexpr std::size_t most_read_bytes = 256 * 1024;

    // The backend's streams, acceptors and ports use the next two functions.
    void count_read(std::size_t bytes) noexcept { read_bytes_ += bytes; }
    readiness_set& readiness() noexcept { return readiness_; }

protected:
    explicit kernel_backend(readiness_set opened) : readiness_(std::move(opened)), signals_(*this) {}

    // Called at the end of wait(). The loop next handles everything for which wake() was called before.
    void take_wake() {
        if (awake_.exchange(false)) signals_.deliver();
    }
    int watched_fd() const noexcept { return readiness_.fd(); }
    // Returns the number of bytes read since the last call.
    std::size_t take_read_bytes() noexcept { return std::exchange(read_bytes_, 0); }
    bool has_read_enough() const noexcept { return read_bytes_ >= most_read_bytes; }

private:
    // Makes an acceptor from a listening socket.
    result<owned_acceptor> accept_from(socket listening);

    readiness_set readiness_;
    std::size_t read_bytes_ = 0;  // in this turn, by streams
    std::atomic<bool> awake_ = false;
    signal_slots signals_;
    helper_threads helpers_;
};

}  // namespace weir::internal
