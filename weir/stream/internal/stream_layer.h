// The base class of a transform that overrides few functions: each function calls the same function of the stream
// below. The stream below completes operations directly for the user of this stream. Private.
#pragma once

#include <string>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/loop/byte_stream.h"
#include "weir/socket/kernel_view.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class stream_layer : public byte_stream {
public:
    void set_user(user& one) noexcept final {
        byte_stream::set_user(one);
        below_->set_user(one);
    }
    std::optional<arrival> receive() override { return below_->receive(); }
    std::optional<outcome> send(buffer& bytes) final { return below_->send(bytes); }
    std::optional<outcome> send_gathered(send_queue& queue) final { return below_->send_gathered(queue); }
    std::size_t unsent() const noexcept final { return below_->unsent(); }
    std::size_t untaken() const noexcept final { return below_->untaken(); }
    std::string explain(outcome failure) const final { return below_->explain(failure); }
    std::optional<outcome> shutdown_send() final { return below_->shutdown_send(); }
    std::optional<outcome> halt() final { return below_->halt(); }
    send_queue take_unsent() noexcept final { return below_->take_unsent(); }
    bool has_socket() const noexcept final { return below_->has_socket(); }
    result<socket> take_apart(buffer& unread) override {
        auto given = below_->take_apart(unread);
        if (!given) return given;
        static_cast<void>(below_.release());  // take_apart() has destroyed it
        delete this;
        return given;
    }
    void close(bool reset) noexcept override {
        below_.release()->close(reset);
        delete this;
    }

    address local_address() const final { return below_->local_address(); }
    address peer_address() const final { return below_->peer_address(); }
    result<credentials> peer_credentials() const final { return below_->peer_credentials(); }
    void limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept final {
        below_->limit_kernel_buffers(receive_bytes, send_bytes);
    }
    result<kernel_view> ask_kernel() const final { return below_->ask_kernel(); }

protected:
    explicit stream_layer(owned_stream below) noexcept : below_(std::move(below)) {}
    ~stream_layer() override = default;

    owned_stream below_;
};

}  // namespace weir::internal
