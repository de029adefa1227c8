// The stream of a channel while its old stream goes through wrappers, and afterwards. Until the handshakes have ended
// it receives nothing and keeps what is to be sent. After that it passes everything on to the new stream. Private.
//
//     halting ──▶ wrapping ──▶ finishing ──▶ open, or failed
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/coroutine/internal/child_task.h"
#include "weir/coroutine/internal/event_awaiter.h"
#include "weir/coroutine/task.h"
#include "weir/loop/byte_stream.h"
#include "weir/stream/internal/connection_counters.h"
#include "weir/stream/internal/stream_layer.h"
#include "weir/stream/wrapper.h"

namespace weir::internal {

class channel_core;

// Owns the old stream while the wrappers use it, so that the connection can still be reset. Thread safety: its loop's
// thread alone.
class wrapped_layer final : public stream_layer {
public:
    // `place` points to this layer until the layer is destroyed or leave() is called.
    wrapped_layer(owned_stream below, wrapped_layer*& place) noexcept : stream_layer(std::move(below)), place_(&place) {
        place = this;
    }
    void close(bool reset) noexcept override { stream_layer::close(reset || resets_); }

    void reset_at_close() noexcept { resets_ = true; }
    void leave() noexcept { *std::exchange(place_, nullptr) = nullptr; }
    // Ends the layer, and returns the stream below.
    owned_stream dissolve() noexcept {
        owned_stream given = std::move(below_);
        delete this;
        return given;
    }

private:
    ~wrapped_layer() override {
        if (place_ != nullptr) *place_ = nullptr;
    }

    wrapped_layer** place_;
    bool resets_ = false;
};

// Notified once when the wrapping has ended.
class wrapping_observer {
public:
    // The wrapping has succeeded. `facts` includes what the wrappers found out.
    virtual void on_wrapped(peer_facts facts) noexcept = 0;
    // The wrapping has failed: the connection is closed, and the observer must end the channel.
    virtual void on_wrapping_failed(error why) noexcept = 0;
    // The channel has closed the stream.
    virtual void on_wrapping_closed() noexcept = 0;

protected:
    ~wrapping_observer() = default;
};

// Thread safety: its loop's thread alone.
class wrapping_stream final : public byte_stream,
                              private byte_stream::user,
                              private ready_item,
                              private child_task_owner {
public:
    wrapping_stream(wrappers through, peer_facts facts, const byte_stream& old, wrapping_observer& by,
                    std::shared_ptr<connection_counters> counters);

    // Takes the stream over and halts it; `is_receiving` means that a receive is in progress, which this stream will
    // complete. Call set_user() before this. After an error, `old` and its user are unchanged.
    result<void> begin(owned_stream& old, bool is_receiving);
    // Ends the notifications to the observer.
    void leave() noexcept { observer_ = nullptr; }

    void set_user(byte_stream::user& one) noexcept override {
        byte_stream::set_user(one);
        if (is_open()) below_->set_user(one);
    }
    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::optional<outcome> send_gathered(send_queue& queue) override;
    std::size_t unsent() const noexcept override { return is_open() ? below_->unsent() : waiting_.size(); }
    std::size_t untaken() const noexcept override { return is_open() ? below_->untaken() : waiting_.size(); }
    std::optional<outcome> shutdown_send() override;
    std::string explain(outcome failure) const override { return is_open() ? below_->explain(failure) : std::string(); }
    std::optional<outcome> halt() override;
    send_queue take_unsent() noexcept override { return is_open() ? below_->take_unsent() : send_queue(); }
    bool has_socket() const noexcept override { return is_open() && below_->has_socket(); }
    result<socket> take_apart(buffer& unread) override;
    void close(bool reset) noexcept override;

    address local_address() const override { return local_; }
    address peer_address() const override { return peer_; }
    result<credentials> peer_credentials() const override { return credentials_; }
    void limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept override;
    result<kernel_view> ask_kernel() const override;

private:
    enum class state : std::uint8_t { halting, wrapping, finishing, open, failed };

    ~wrapping_stream() override = default;

    // byte_stream::user, of the old stream
    void on_received(arrival) noexcept override {}
    void on_sent(outcome) noexcept override {}
    void on_halted() noexcept override { begin_wrapping(); }
    // child_task_owner, of the wrapping task
    void child_ended(child_task&) noexcept override;
    // ready_item, after the wrapping task has ended
    void run() override { finish(); }

    bool is_open() const noexcept { return state_ == state::open; }
    void begin_wrapping() noexcept;
    void finish() noexcept;
    void complete_pending() noexcept;
    std::optional<outcome> send_now() noexcept;
    std::optional<arrival> receive_now() noexcept;
    const std::shared_ptr<connection_counters> counters_;
    const wrappers through_;
    const address local_;
    const address peer_;
    owned_stream below_;  // the old stream until the task begins, later the new one
    peer_facts facts_;
    const result<credentials> credentials_;  // of the peer
    wrapped_layer* old_ = nullptr;
    wrapping_observer* observer_;
    child_task child_;  // runs wraps_, which is destroyed first
    std::optional<task<result<owned_stream>>> wraps_;
    buffer waiting_;  // bytes to send after the handshakes
    outcome why_;
    state state_ = state::halting;
    bool is_receiving_ = false;
    bool is_shutting_down_ = false;
};

// The awaiter of channel::replace_stream(). The channel is not destroyed while the awaiter waits. Thread safety: its
// loop's thread alone.
class replace_stream_awaiter final : private event_awaiter, private wrapping_observer {
public:
    replace_stream_awaiter(channel_core& of, wrappers through) noexcept;
    ~replace_stream_awaiter() override;

    bool await_ready() const noexcept { return false; }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        if (!frame.promise().chain().requested() && !begins()) return false;
        return park(frame);
    }
    result<void> await_resume();

private:
    bool begins() noexcept;
    void abandon() noexcept override;
    void on_wrapped(peer_facts facts) noexcept override;
    void on_wrapping_failed(error why) noexcept override;
    void on_wrapping_closed() noexcept override;
    const error& why_closed() const;

    // refused ──▶ begun ──▶ done, failed, or closed
    enum class state : std::uint8_t { refused, begun, done, failed, closed };

    channel_core& of_;
    wrappers through_;
    state state_ = state::refused;
    wrapping_stream* stream_ = nullptr;  // in state begun
    error why_{errc::cancelled};         // in the states refused and failed
};

}  // namespace weir::internal
