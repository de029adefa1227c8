// The world by epoll(7). Private: real_world() chooses it.
#pragma once

#include <atomic>

#include "weir/loop/backend.h"
#include "weir/loop/block_pool.h"
#include "weir/loop/epoll_item.h"
#include "weir/loop/helper_threads.h"
#include "weir/loop/signal_slots.h"
#include "weir/socket/descriptor.h"

namespace weir {

class epoll_backend final : public backend {
public:
    epoll_backend();

    time_point now() override;
    std::uint64_t random() override;
    void wait(deadline until) override;
    void wake() noexcept override;
    void offload(std::function<void()> work) override { helpers_.run(std::move(work)); }
    int poll_fd() const noexcept override { return epoll_.fd(); }

    result<owned_acceptor> listen(std::string_view here, listen_options how) override;
    result<owned_acceptor> listen_beside(const acceptor& other) override;
    result<std::unique_ptr<attempt>> connect(const address& peer, attempt::user& told) override;
    result<owned_port> open_port(const address& here, const address& peer) override;
    result<std::vector<address>> look_up(std::string_view text) override;
    result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> told) override;

    // For what lives in the set.
    block_pool& blocks() noexcept { return blocks_; }
    // A stream of a connected, non-blocking socket; and of one that is in the set already, as an attempt's.
    result<owned_stream> adopt(socket connected);
    result<owned_stream> adopt_again(socket connected);
    // Before the descriptor is closed: a copy of it, in a process that was forked or another loop, would keep it in the set.
    void forget(const socket& one) noexcept;

private:
    result<owned_stream> adopt(socket connected, int operation);
    result<owned_acceptor> accept_from(socket listening);
    result<void> watch(const socket& one, int operation, std::uint32_t events, epoll_item& item);

    block_pool blocks_;
    descriptor epoll_;
    descriptor wakeup_;  // an eventfd(2)
    std::atomic<bool> awake_ = false;
    bool is_old_ = false;  // no epoll_pwait2(2): before Linux 5.11, or a filter refuses it
    signal_slots signals_;
    helper_threads helpers_;
};

}  // namespace weir
