#include "weir/stream/blocking_channel.h"

#include <algorithm>
#include <atomic>

#include "weir/base/text.h"
#include "weir/socket/clock.h"
#include "weir/socket/internal/check_use.h"
#include "weir/socket/kernel_view.h"
#include "weir/stream/internal/isolate.h"
#include "weir/stream/internal/stall_watch.h"

namespace weir {
namespace {

address name_of_peer(const weir::socket& connection) {
    auto peer = connection.peer_address();
    if (peer && !peer->is_unnamed()) return *peer;
    auto local = connection.local_address();
    return local ? *local : address();
}

}  // namespace

blocking_channel::blocking_channel(weir::socket connection, framing described)
    : connection_(std::move(connection)), peer_(name_of_peer(connection_)), decoder_(described), encoder_(described) {}

result<blocking_channel> blocking_channel::adopt(weir::socket connection, framing described) {
    if (auto right = internal::check_connected(connection); !right) return right.error();
    if (auto set = connection.set_blocking(true); !set) return set.error();
    return blocking_channel(std::move(connection), std::move(described));
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
                if (trouble) return *trouble == errc::timed_out ? *trouble : ended(*trouble);
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
    // Where a gap ends a message, waits for the rest of a partial message until the gap after its last byte has passed.
    const bool gaps = described().fields().kind == framing_kind::idle;
    const deadline gap =
        gaps && !decoder_.at_boundary() ? deadline(later(last_came_, described().fields().gap)) : deadline();
    const auto came = connection_.receive(std::span(input_.get(), receive_bytes), std::min(until, gap));
    if (gaps && came) last_came_ = now();
    if (!came && came == errc::timed_out && gap.passed(now())) {
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

result<void> blocking_channel::send(bytes_view payload, deadline until) {
    if (!(send_failure_ == errc::none)) return send_failure_;
    outgoing_.clear();
    if (auto encoded = encoder_.encode(payload, outgoing_); !encoded) return encoded;
    const std::size_t whole = outgoing_.size();
    internal::stall_watch taken_by_peer;
    if (stall_) taken_by_peer.begin(now(), *stall_);
    while (!outgoing_.empty()) {
        const auto sent =
            connection_.send(outgoing_.view(), stall_ ? std::min(until, deadline(taken_by_peer.next_look())) : until);
        if (sent) {
            outgoing_.consume(*sent);
            continue;
        }
        if (stall_ && sent == errc::timed_out && !until.passed(now())) {
            const std::size_t untaken = outgoing_.size() + unsent_bytes_of(connection_.fd()).value_or(0);
            if (taken_by_peer.look(untaken, now(), *stall_) != internal::stall_watch::verdict::stalled) continue;
        }
        const std::size_t taken = whole - outgoing_.size();
        if (taken == 0 && sent == errc::timed_out) return sent.error();
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
    if (send_failure_ == errc::none)
        send_failure_ = error(errc::broken_pipe, "send", peer_.to_string(), "this side has ended its sending");
    return connection_.shutdown(half::send);
}

result<void> blocking_channel::close(duration linger) {
    lease_.renew();
    if (!connection_.is_open()) return {};
    if (connection_.shutdown(half::send)) {
        if (input_ == nullptr) input_ = std::make_unique_for_overwrite<std::byte[]>(receive_bytes);
        const deadline until = within(linger);
        for (std::uint64_t dropped = 0; dropped < linger_bytes;) {
            const auto came = connection_.receive(std::span(input_.get(), receive_bytes), until);
            if (!came || *came == 0) break;
            dropped += *came;
        }
    }
    if (close_reason_ == errc::none)
        close_reason_ = error(errc::cancelled, "receive", peer_.to_string(), "the channel was closed");
    if (send_failure_ == errc::none)
        send_failure_ = error(errc::cancelled, "send", peer_.to_string(), "the channel was closed");
    return connection_.close();
}

}  // namespace weir
