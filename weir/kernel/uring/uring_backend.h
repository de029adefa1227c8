// The backend on io_uring(7). Private: open_backend() chooses it.
#pragma once

#include <cstdint>
#include <memory>

#include "weir/kernel/common/kernel_backend.h"
#include "weir/kernel/uring/uring_buffers.h"
#include "weir/kernel/uring/uring_ring.h"

namespace weir::internal {

class uring_backend final : public kernel_backend, private uring_item {
public:
    // Errors: errc::unsupported or errc::not_permitted, if the kernel is older than Linux 6.1 or refuses something that
    // a loop needs (see try_io_uring()); errc::no_descriptors (the backend uses three); errc::no_memory.
    static result<std::unique_ptr<uring_backend>> open(const uring_sizes& sizes = {});
    ~uring_backend() override;

    bool wait(deadline until) override;
    void submit() override;
    backend_kind kind() const noexcept override { return backend_kind::io_uring; }
    int poll_fd() const noexcept override { return ring_->native().ring_fd; }

    result<owned_stream> adopt(socket connected) override;

    // The backend's streams use the functions below.
    uring_ring& ring() noexcept { return *ring_; }
    uring_buffers& buffers() noexcept { return buffers_; }
    // Call it when a receive is submitted again because it found no buffer or was cancelled. Its data has not been
    // delivered yet.
    void looks_again() noexcept { looks_again_ = true; }
    // The memory, in bytes, of data that arrived before a stream requested it.
    std::size_t unrequested_bytes() const noexcept { return unrequested_bytes_; }
    void count_unrequested(std::size_t taken, std::size_t came) noexcept { unrequested_bytes_ += came - taken; }

private:
    static constexpr operation something_is_ready = 0;
    static constexpr operation more_is_ready = 1;

    uring_backend(readiness_set watched, std::unique_ptr<uring_ring> opened, std::size_t most_buffer_bytes)
        : kernel_backend(std::move(watched)), ring_(std::move(opened)),
          buffers_(*ring_, memory().blocks(), most_buffer_bytes) {}

    void completed(operation which, int how, unsigned flags) noexcept override;
    void watch_readiness();

    std::unique_ptr<uring_ring> ring_;
    uring_buffers buffers_;
    std::size_t unrequested_bytes_ = 0;
    // Whether the ring watches the readiness set.
    //     off ──▶ on (with the first wait; a poll that the kernel ended is submitted again)
    //     any ──▶ ended (the backend is being destroyed)
    enum class watch : std::uint8_t { off, on, ended };
    watch watch_ = watch::off;
    bool is_ready_ = false;
    bool looks_again_ = false;  // in this turn
};

}  // namespace weir::internal
