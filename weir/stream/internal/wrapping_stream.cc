#include "weir/stream/internal/wrapping_stream.h"

#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "weir/coroutine/internal/trampoline.h"
#include "weir/loop/internal/no_kernel.h"
#include "weir/loop/loop.h"
#include "weir/socket/kernel_view.h"
#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/wrap_all.h"

namespace weir::internal {

wrapping_stream::wrapping_stream(wrappers through, std::unique_ptr<peer_facts> facts, const byte_stream& old,
                                 wrapping_observer& by)
    : through_(std::move(through)), local_(old.local_address()), peer_(old.peer_address()), facts_(std::move(facts)),
      observer_(&by) {}

result<void> wrapping_stream::begin(owned_stream& old, bool is_receiving) {
    old->set_user(*this);
    const auto halted = old->halt();
    if (halted && !halted->good()) {
        old->set_user(current_user());
        return halted->during({}, {});
    }
    below_ = std::move(old);
    is_receiving_ = is_receiving;
    if (halted) begin_wrapping();
    return {};
}

void wrapping_stream::begin_wrapping() noexcept {
    state_ = state::wrapping;
    try {
        wraps_.emplace(wrap_all(below_, through_, *facts_));
    } catch (const std::bad_alloc&) {
        state_ = state::ending;
    }
    loop::current().make_ready(*this);
}

void wrapping_stream::task_ended(bool) noexcept {
    state_ = state::ending;
    loop::current().make_ready(*this);  // run() destroys its frame
}

void wrapping_stream::run() {
    if (state_ == state::ending) return finish();
    trampoline::run(wraps_->begin(*this, chain_));
}

result<owned_stream> wrapping_stream::take_made() noexcept {
    try {
        if (!wraps_) return error(errc::no_memory, {}, {}, {}, ENOMEM);
        return wraps_->take();
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, {}, {}, {}, ENOMEM);
    } catch (const std::exception& thrown) {
        try {
            return error(errc::invalid, {}, {}, "a wrapper threw: " + std::string(thrown.what()));
        } catch (const std::bad_alloc&) {
            return error(errc::no_memory, {}, {}, {}, ENOMEM);
        }
    } catch (...) {
        return error(errc::invalid);
    }
}

void wrapping_stream::finish() noexcept {
    auto made = take_made();
    wraps_.reset();
    state_ = made ? state::open : state::failed;
    error why(errc::none);
    if (made) {
        below_ = std::move(*made);
    } else {
        below_.reset();
        why = made.error();
        why_ = outcome::of(why);
    }
    if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_wrapped(std::move(why), std::move(facts_));
    go_on();
}

std::optional<outcome> wrapping_stream::send_waiting() noexcept try {
    if (!is_open()) return why_;
    buffer bytes = std::move(waiting_);
    waiting_ = buffer();
    return below().send(bytes);
} catch (const std::bad_alloc&) {
    return outcome{errc::no_memory, ENOMEM};
}

std::optional<arrival> wrapping_stream::receive_now() noexcept try {
    if (!is_open()) return arrival{why_, {}};
    return below().receive();
} catch (const std::bad_alloc&) {
    return arrival{{errc::no_memory, ENOMEM}, {}};
}

// What was asked for meanwhile. The user may begin the next operation in each call.
void wrapping_stream::go_on() noexcept {
    std::optional<outcome> sent;
    if (!waiting_.empty()) {
        sent = send_waiting();
    } else if (std::exchange(is_shutting_down_, false)) {
        sent = is_open() ? below().shutdown_send() : why_;
    }
    if (sent) current_user().on_sent(*sent);
    if (!std::exchange(is_receiving_, false)) return;
    if (auto came = receive_now()) current_user().on_received(std::move(*came));
}

std::optional<arrival> wrapping_stream::receive() {
    if (is_open()) return below().receive();
    if (state_ == state::failed) return arrival{why_, {}};
    is_receiving_ = true;
    return {};
}

std::optional<outcome> wrapping_stream::send(buffer& bytes) {
    if (is_open()) return below().send(bytes);
    if (state_ == state::failed) return why_;
    waiting_.swap(bytes);
    return {};
}

std::optional<outcome> wrapping_stream::shutdown_send() {
    if (is_open()) return below().shutdown_send();
    if (state_ == state::failed) return why_;
    is_shutting_down_ = true;
    return {};
}

std::optional<outcome> wrapping_stream::halt() {
    if (!is_open()) return outcome{errc::unsupported};
    return below().halt();
}

result<socket> wrapping_stream::take_apart(buffer& unread) {
    auto given = below_->take_apart(unread);
    if (!given) return given;
    static_cast<void>(below_.release());  // it is destroyed
    delete this;
    return given;
}

// While the wrappers have the stream, it is closed with their task.
void wrapping_stream::close(bool reset) noexcept {
    if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_wrapped(error(errc::cancelled), nullptr);
    if (below_ != nullptr) below_.release()->close(reset);
    delete this;
}

result<credentials> wrapping_stream::peer_credentials() const {
    return is_open() ? below_->peer_credentials() : byte_stream::peer_credentials();
}

void wrapping_stream::limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept {
    if (is_open()) below_->limit_kernel_buffers(receive_bytes, send_bytes);
}

result<kernel_view> wrapping_stream::ask_kernel() const { return is_open() ? below_->ask_kernel() : no_kernel(); }

stream_replacing::stream_replacing(channel_core& of, wrappers through) noexcept
    : of_(of), through_(std::move(through)) {}

stream_replacing::~stream_replacing() { take_back(); }

// Returns false when it was refused.
bool stream_replacing::begins() noexcept {
    try {
        auto begun = of_.replace_stream(std::move(through_), *this);
        if (begun) {
            stream_ = *begun;
            return true;
        }
        why_ = begun.error();
    } catch (const std::bad_alloc&) {
        why_ = error(errc::no_memory);
    }
    return false;
}

void stream_replacing::on_wrapped(error why, std::unique_ptr<const peer_facts> facts) noexcept {
    stream_ = nullptr;
    why_ = std::move(why);
    if (why_ == errc::none) of_.set_facts(std::move(facts));
    complete();
}

void stream_replacing::abandon() noexcept {
    if (stream_ == nullptr) return;
    std::exchange(stream_, nullptr)->leave();
    of_.abort(error(errc::cancelled));
}

result<void> stream_replacing::await_resume() {
    if (is_cancelled()) return error(errc::cancelled, "replace stream", of_.peer().to_string());
    if (why_ == errc::none) return {};
    if (why_.operation().empty()) return why_.during("replace stream", of_.peer().to_string());
    return why_;
}

}  // namespace weir::internal
