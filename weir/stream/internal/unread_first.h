// A stream from which bytes that were read before, and not used, are read first. Everything else is that of the stream
// below. Private.
#pragma once

#include "weir/base/buffer.h"
#include "weir/loop/byte_stream.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class unread_first final : public byte_stream {
public:
    unread_first(owned_stream below, buffer unread) noexcept : below_(std::move(below)), unread_(std::move(unread)) {}

    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override { return go_on().send(bytes); }
    std::size_t unsent() const noexcept override { return below_->unsent(); }
    std::size_t untaken() const noexcept override { return below_->untaken(); }
    std::optional<outcome> shutdown_send() override { return go_on().shutdown_send(); }
    std::optional<outcome> halt() override { return go_on().halt(); }
    buffer take_unsent() noexcept override { return below_->take_unsent(); }
    bool has_socket() const noexcept override { return below_->has_socket(); }
    result<socket> take_apart(buffer& unread) override;
    void close(bool reset) noexcept override;

    address local_address() const override { return below_->local_address(); }
    address peer_address() const override { return below_->peer_address(); }
    result<credentials> peer_credentials() const override { return below_->peer_credentials(); }
    void limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept override {
        below_->limit_kernel_buffers(receive_bytes, send_bytes);
    }
    result<kernel_view> ask_kernel() const override;

private:
    ~unread_first() override = default;

    // The stream below completes for the user of this one.
    byte_stream& go_on() noexcept {
        below_->set_user(current_user());
        return *below_;
    }

    owned_stream below_;
    buffer unread_;
};

}  // namespace weir::internal
