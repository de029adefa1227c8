// A listening socket from which io_uring(7) accepts: any number of connections for one question, unless other loops accept
// from it too. Private.
#pragma once

#include <deque>

#include "weir/loop/kernel_backend.h"
#include "weir/loop/uring_ring.h"

namespace weir {

class uring_backend;

// Lives on the heap; after close() until the kernel has answered.
class uring_acceptor final : public kernel_acceptor, public uring_item {
public:
    // What the kernel may have accepted before anybody asked; then it is told to stop. More may come until it has heard.
    static constexpr std::size_t most_ahead = 64;

    // Owns a listening socket.
    uring_acceptor(uring_backend& world, weir::socket listening)
        : kernel_acceptor(std::move(listening)), world_(world) {}

    std::optional<newcomer> accept() override;
    void rest() noexcept override;
    void close() noexcept override;

    void answered(question which, int how, unsigned flags) noexcept override;

private:
    static constexpr question accepting = 0;

    ~uring_acceptor() override = default;

    void arm();
    void stop() noexcept;
    newcomer adopt(int fd);

    uring_backend& world_;
    std::deque<int> ahead_;  // descriptors
    bool is_asked_ = false;
    bool is_armed_ = false;
    bool is_stopping_ = false;  // and is armed until the kernel says so
    bool is_closed_ = false;
};

}  // namespace weir
