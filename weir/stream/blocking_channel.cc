#include "weir/stream/blocking_channel.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <new>
#include <thread>
#include <utility>

#include "weir/base/text.h"
#include "weir/socket/clock.h"
#include "weir/socket/internal/check_use.h"
#include "weir/socket/kernel_view.h"
#include "weir/stream/internal/driven_stream.h"
#include "weir/stream/internal/isolate.h"
#include "weir/stream/internal/name_of_peer.h"
#include "weir/stream/internal/stall_watch.h"

namespace weir {
namespace {

// Returns whether a deadline has passed on a connection that still works. The kernel's ETIMEDOUT, in contrast, means
// that the connection has ended.
bool is_late(const error& why) noexcept { return why == errc::timed_out && why.system_code() != ETIMEDOUT; }

}  // namespace

blocking_channel::blocking_channel(weir::socket connection, framing described)
    : connection_(std::move(connection)), peer_(internal::name_of_peer(connection_)), decoder_(described),
      encoder_(described) {}

result<blocking_channel> blocking_channel::adopt(weir::socket connection, framing described) {
    if (auto right = internal::check_connected(connection); !right) return right.error();
    if (auto set = connection.set_blocking(true); !set) return set.error();
    return blocking_channel(std::move(connection), std::move(described));
}

blocking_channel::blocking_channel(std::unique_ptr<internal::driven_stream> driven, framing described, peer_facts facts)
    : driven_(std::move(driven)), facts_(std::move(facts)),
      peer_(facts_.address() ? *facts_.address() : driven_->peer()), decoder_(described), encoder_(described) {}

blocking_channel::blocking_channel(blocking_channel&&) noexcept = default;
blocking_channel& blocking_channel::operator=(blocking_channel&&) noexcept = default;
blocking_channel::~blocking_channel() {
    if (driven_ == nullptr) return;
    try {
        static_cast<void>(driven_->finish(within(linger_time)));
    } catch (const std::bad_alloc&) {
        return;  // what was not sent is lost
    }
}

result<blocking_channel> blocking_channel::adopt(detached_connection connected, framing described, deadline until) {
    auto made = adopt(std::move(connected.connection), std::move(described));
    if (!made) return made;
    while (!connected.unsent.empty()) {
        const auto sent = made->connection_.send(connected.unsent.view(), until);
        if (!sent) return sent.error();
        connected.unsent.consume(*sent);
    }
    if (connected.output_ended) static_cast<void>(made->shutdown_send());
    made->unread_.swap(connected.unread);
    made->decoder_.feed(made->unread_.view());
    return made;
}

result<detached_connection> blocking_channel::detach() {
    if (driven_ != nullptr)
        return error(errc::unsupported, "detach", peer_.to_string(),
                     "a channel with wrappers, such as TLS, has no socket to detach");
    if (!(send_failure_ == errc::none) && !has_shut_down_) return send_failure_;
    if (!(close_reason_ == errc::none) && !(close_reason_ == errc::closed)) return close_reason_;
    if (close_reason_ == errc::none && !decoder_.may_switch()) {
        return error(errc::too_large, "detach", peer_.to_string(),
                     "a message over the limit is incomplete: call receive() until it has ended");
    }
    buffer unread;
    if (close_reason_ == errc::none) decoder_memory::copy_undecoded(decoder_, unread);
    lease_.renew();
    close_reason_ = error(errc::cancelled, "receive", peer_.to_string(), "the connection was detached");
    send_failure_ = error(errc::cancelled, "send", peer_.to_string(), "the connection was detached");
    return detached_connection(std::move(connection_), std::move(unread), {}, has_shut_down_);
}

result<std::size_t> blocking_channel::receive_some(std::span<std::byte> into, deadline until) {
    return driven_ == nullptr ? connection_.receive(into, until) : driven_->receive(into, until);
}

result<std::size_t> blocking_channel::send_some(bytes_view bytes, deadline until) {
    return driven_ == nullptr ? connection_.send(bytes, until) : driven_->send(bytes, until);
}

result<void> blocking_channel::end_output() {
    if (driven_ == nullptr) return connection_.shutdown(half::send);
    driven_->shutdown_send();
    return {};
}

std::size_t blocking_channel::held_bytes() const {
    return (input_ != nullptr ? receive_bytes : 0) + decoder_memory::allocated(decoder_) + outgoing_.capacity() +
           unread_.capacity() + (driven_ == nullptr ? 0 : driven_->held_bytes());
}

std::size_t blocking_channel::untaken_bytes(deadline until) {
    const std::size_t below =
        driven_ == nullptr ? unacknowledged_bytes_of(connection_.fd()).value_or(0) : driven_->untaken(until);
    return outgoing_.size() + below;
}

result<message> blocking_channel::receive(deadline until) {
    lease_.renew();
    if (!(close_reason_ == errc::none)) return close_reason_;
    for (;;) {
        const decoder::event step = decoder_.next();
        switch (step.what) {
            case decoder::message:
            case decoder::piece: return give(step);
            case decoder::skipped: ++messages_skipped_; break;
            case decoder::end: return ended(error(errc::closed));
            case decoder::failed: return ended(decoder_.failure());
            case decoder::more: {
                std::optional<error> trouble;
                read(until, trouble);
                if (trouble) return is_late(*trouble) ? *trouble : ended(*trouble);
                break;
            }
        }
    }
}

result<message> blocking_channel::give(const decoder::event& step) {
    auto part = message::part::whole;
    if (step.what == decoder::piece) part = step.last ? message::part::last_piece : message::part::piece;
    if (part != message::part::piece) ++messages_received_;
    return message(internal::isolate(step.payload, isolated_), internal::lease::stamp(lease_), part);
}

error blocking_channel::ended(error why) {
    close_reason_ = why.during("receive", peer_.to_string());
    return close_reason_;
}

void blocking_channel::read(deadline until, std::optional<error>& trouble) {
    if (input_ == nullptr) input_ = std::make_unique_for_overwrite<std::byte[]>(receive_bytes);
    decoder_memory::trim(decoder_, kept_bytes);
    unread_.release();
    // In a framing in which a gap ends a message, the read waits for the rest of a partial message only until the gap
    // after the last byte has passed.
    const bool gaps = described().fields().kind == framing_kind::idle;
    const deadline gap =
        gaps && !decoder_.at_boundary() ? deadline(later(last_came_, described().fields().gap)) : deadline();
    const auto came = receive_some(std::span(input_.get(), receive_bytes), std::min(until, gap));
    if (gaps && came) last_came_ = now();
    if (!came && is_late(came.error()) && gap.passed(now())) {
        decoder_.gap();
    } else if (!came) {
        trouble = came.error();
    } else if (*came == 0 && std::atomic_ref(send_was_reset_).load()) {
        trouble = error(errc::reset);
    } else if (*came == 0) {
        decoder_.finish();
    } else {
        decoder_.feed({input_.get(), *came});
    }
}

// Returns false when the deadline comes first.
bool blocking_channel::waits_for_pace(deadline until) {
    const bool is_early = now() < next_send_;
    if (is_early) std::this_thread::sleep_until(std::min(next_send_, until.at()));
    if (is_early && until < deadline(next_send_)) return false;
    next_send_ = later(now(), pace_);
    return true;
}

result<void> blocking_channel::send(bytes_view payload, deadline until) {
    if (!(send_failure_ == errc::none)) return send_failure_;
    if (pace_ > duration() && !waits_for_pace(until))
        return error(errc::timed_out, "send", peer_.to_string(), "the deadline passed before the pace allowed a send");
    outgoing_.clear();
    if (auto encoded = encoder_.encode(payload, outgoing_); !encoded) return encoded;
    const std::size_t whole = outgoing_.size();
    internal::stall_watch taken_by_peer;
    if (stall_) taken_by_peer.begin(now(), *stall_);
    while (!outgoing_.empty()) {
        const auto sent =
            send_some(outgoing_.view(), stall_ ? std::min(until, deadline(taken_by_peer.next_look())) : until);
        if (sent) {
            outgoing_.consume(*sent);
            continue;
        }
        if (stall_ && is_late(sent.error()) && !until.passed(now())) {
            if (taken_by_peer.look(untaken_bytes(until), now(), *stall_) != internal::stall_watch::verdict::stalled)
                continue;
        }
        const std::size_t taken = whole - outgoing_.size();
        if (taken == 0 && is_late(sent.error())) return sent.error();
        send_failure_ = sent.error();
        if (sent == errc::reset) std::atomic_ref(send_was_reset_).store(true);
        if (taken != 0) {
            send_failure_ = error(sent.error().code(), "send", peer_.to_string(),
                                  std::string(to_string(sent.error().code())) + " after " + std::to_string(taken) +
                                      " of " + say_size(whole) + " of a message",
                                  sent.error().system_code());
        }
        return send_failure_;
    }
    ++messages_sent_;
    if (outgoing_.capacity() > kept_bytes) outgoing_.release();
    return {};
}

result<void> blocking_channel::shutdown_send() {
    if (send_failure_ == errc::none) {
        send_failure_ = error(errc::broken_pipe, "send", peer_.to_string(), "this side has shut down sending");
        has_shut_down_ = true;
    }
    return end_output();
}

result<void> blocking_channel::close(duration linger) {
    lease_.renew();
    if (!is_open()) return {};
    const deadline until = within(linger);
    if (end_output()) {
        if (input_ == nullptr) input_ = std::make_unique_for_overwrite<std::byte[]>(receive_bytes);
        for (std::uint64_t dropped = 0; dropped < linger_bytes;) {
            const auto came = receive_some(std::span(input_.get(), receive_bytes), until);
            if (!came || *came == 0) break;
            dropped += *came;
        }
    }
    if (close_reason_ == errc::none)
        close_reason_ = error(errc::cancelled, "receive", peer_.to_string(), "the channel was closed");
    if (send_failure_ == errc::none)
        send_failure_ = error(errc::cancelled, "send", peer_.to_string(), "the channel was closed");
    if (driven_ == nullptr) return connection_.close();
    auto finished = driven_->finish(until);
    driven_.reset();
    return finished;
}

}  // namespace weir
