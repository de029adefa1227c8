#include "weir/stream/internal/wrapping_stream.h"

#include <cerrno>
#include <new>
#include <string>
#include <utility>

#include "weir/loop/internal/no_kernel.h"
#include "weir/loop/loop.h"
#include "weir/socket/kernel_view.h"
#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir::internal {

wrapping_stream::wrapping_stream(wrappers through, peer_facts facts, const byte_stream& old, wrapping_observer& by,
                                 std::shared_ptr<connection_counters> counters)
    : counters_(std::move(counters)), through_(std::move(through)), local_(old.local_address()),
      peer_(old.peer_address()), facts_(std::move(facts)), credentials_(old.peer_credentials()), observer_(&by) {}

result<void> wrapping_stream::begin(owned_stream& old, bool is_receiving) {
    auto* const layer = new wrapped_layer(std::move(old), old_);
    layer->set_user(*this);
    const auto halted = layer->halt();
    if (halted && !halted->good()) {
        layer->set_user(current_user());
        old = layer->dissolve();
        return halted->during({}, {});
    }
    below_.reset(layer);
    is_receiving_ = is_receiving;
    if (halted) begin_wrapping();
    return {};
}

void wrapping_stream::begin_wrapping() noexcept {
    try {
        wraps_.emplace(wrap_all(below_, through_, facts_, *counters_));
    } catch (const std::bad_alloc&) {
        return child_ended(child_);
    }
    state_ = state::wrapping;
    child_.begin(*wraps_, loop::current(), this);
}

void wrapping_stream::child_ended(child_task&) noexcept {
    state_ = state::finishing;
    loop::current().make_ready(*this);  // run() destroys the frame of the task
}

void wrapping_stream::finish() noexcept {
    auto made = take_wrapped(wraps_);
    wrapping_observer* const waits = std::exchange(observer_, nullptr);
    if (made) {
        below_ = std::move(*made);
        below_->set_user(current_user());
        state_ = state::open;
        if (old_ != nullptr) old_->leave();
        if (waits != nullptr) waits->on_wrapped(std::move(facts_));
        return complete_pending();
    }
    below_.reset();
    state_ = state::failed;
    why_ = outcome::of(made.error());
    if (waits == nullptr) return complete_pending();
    waits->on_wrapping_failed(made.error());
}

std::optional<outcome> wrapping_stream::send_now() noexcept try {
    if (waiting_.empty() && !is_shutting_down_) return {};
    if (!is_open()) return why_;
    if (waiting_.empty()) {
        is_shutting_down_ = false;
        return below_->shutdown_send();
    }
    buffer bytes;
    bytes.swap(waiting_);
    return below_->send(bytes);
} catch (const std::bad_alloc&) {
    return outcome{errc::no_memory, ENOMEM};
}

std::optional<arrival> wrapping_stream::receive_now() noexcept try {
    if (!std::exchange(is_receiving_, false)) return {};
    if (!is_open()) return arrival{why_, {}};
    return below_->receive();
} catch (const std::bad_alloc&) {
    return arrival{{errc::no_memory, ENOMEM}, {}};
}

// Completes the operations that were started during the handshakes. In each callback the user may begin its next
// operation.
void wrapping_stream::complete_pending() noexcept {
    if (const auto sent = send_now()) current_user().on_sent(*sent);
    if (auto came = receive_now()) current_user().on_received(std::move(*came));
}

std::optional<arrival> wrapping_stream::receive() {
    if (is_open()) return below_->receive();
    if (state_ == state::failed) return arrival{why_, {}};
    is_receiving_ = true;
    return {};
}

std::optional<outcome> wrapping_stream::send(buffer& bytes) {
    if (is_open()) return below_->send(bytes);
    if (state_ == state::failed) return why_;
    waiting_.swap(bytes);
    return {};
}

std::optional<outcome> wrapping_stream::send_gathered(send_queue& queue) {
    return is_open() ? below_->send_gathered(queue) : byte_stream::send_gathered(queue);
}

std::optional<outcome> wrapping_stream::shutdown_send() {
    if (is_open()) return below_->shutdown_send();
    if (state_ == state::failed) return why_;
    is_shutting_down_ = true;
    return {};
}

std::optional<outcome> wrapping_stream::halt() {
    if (!is_open()) return outcome{errc::unsupported};
    return below_->halt();
}

result<socket> wrapping_stream::take_apart(buffer& unread) {
    auto given = below_->take_apart(unread);
    if (!given) return given;
    static_cast<void>(below_.release());  // take_apart() has destroyed it
    delete this;
    return given;
}

void wrapping_stream::close(bool reset) noexcept {
    if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_wrapping_closed();
    if (reset && old_ != nullptr) old_->reset_at_close();
    if (below_ != nullptr) below_.release()->close(reset);
    delete this;  // also destroys the task, which closes a stream that it owns
}

void wrapping_stream::limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept {
    if (is_open()) below_->limit_kernel_buffers(receive_bytes, send_bytes);
}

result<kernel_view> wrapping_stream::ask_kernel() const { return is_open() ? below_->ask_kernel() : no_kernel(); }

replace_stream_awaiter::replace_stream_awaiter(channel_core& of, wrappers through) noexcept
    : of_(of), through_(std::move(through)) {}

replace_stream_awaiter::~replace_stream_awaiter() { take_back(); }

// Returns false when the channel has refused to replace its stream.
bool replace_stream_awaiter::begins() noexcept {
    const auto begun = of_.replace_stream(std::move(through_), *this);
    if (!begun) {
        why_ = begun.error();
        return false;
    }
    stream_ = *begun;
    state_ = state::begun;
    return true;
}

void replace_stream_awaiter::on_wrapped(peer_facts facts) noexcept {
    state_ = state::done;
    of_.set_facts(std::move(facts));
    complete();
}

void replace_stream_awaiter::on_wrapping_failed(error why) noexcept {
    state_ = state::failed;
    why_ = std::move(why);
    complete();
}

void replace_stream_awaiter::on_wrapping_closed() noexcept {
    state_ = state::closed;
    complete();
}

void replace_stream_awaiter::abandon() noexcept {
    if (state_ != state::begun) return;
    stream_->leave();
    of_.abort(error(errc::cancelled));
}

// When there is no memory, the channel may have closed the stream before it has a reason.
const error& replace_stream_awaiter::why_closed() const {
    if (!(of_.close_reason() == errc::none)) return of_.close_reason();
    if (!(of_.failure() == errc::none)) return of_.failure();
    return why_;
}

// After the task was cancelled the state of the connection is unknown, even if the wrappers have ended.
result<void> replace_stream_awaiter::await_resume() {
    const std::string peer = of_.peer().to_string();
    if (is_cancelled() && state_ == state::done) of_.abort(error(errc::cancelled));
    if (state_ == state::failed) of_.abort(why_);
    if (is_cancelled()) return error(errc::cancelled, "replace stream", peer);
    switch (state_) {
        case state::done: return {};
        case state::failed: return why_;
        case state::closed: return why_closed().during("replace stream", peer);
        case state::refused:
        case state::begun: return why_.during("replace stream", peer);
    }
    return why_;
}

}  // namespace weir::internal
