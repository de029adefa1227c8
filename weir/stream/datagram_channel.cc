#include "weir/stream/datagram_channel.h"

#include <algorithm>

#include "weir/base/check.h"
#include "weir/stream/internal/isolate.h"

namespace weir {
namespace internal {

datagram_core::datagram_core(owned_port port) : here_(loop::current()), port_(std::move(port)) {
    port_->set_user(*this);
}

datagram_core::~datagram_core() {
    WEIR_CHECK(receivers_.empty() && receivers_.called() == 0 && senders_.empty() && senders_.called() == 0,
               "a datagram channel is destroyed while a task waits in receive() or send()");
}

bool datagram_core::begin_receive(deadline until, std::source_location where) {
    WEIR_CHECK(receivers_.empty() && receivers_.called() == 0, "two receives at once on one datagram channel", where);
    lease_.renew();
    unset();  // the timer of a receive that was cancelled
    is_late_ = false;
    if (input_ == input::arrived) return true;
    came_ = {};
    memory_.hold(0);
    if (input_ != input::submitted) {
        if (auto one = port_->receive()) {
            keep(std::move(*one));
            if (!over_budget()) return true;
            continue_next_turn();
            return false;
        }
        input_ = input::submitted;
    }
    set(until);
    return false;
}

result<datagram_message> datagram_core::take() {
    unset();
    if (input_ != input::arrived) {
        WEIR_CHECK(is_late_, "a receive was resumed without a result");
        return error(errc::timed_out, "receive", port_->local_address().to_string());
    }
    input_ = input::none;
    ++this_turn_;
    if (!came_.how.good()) return came_.how.during("receive", port_->local_address().to_string());
    return datagram_message(message(internal::isolate(came_.bytes.view(), isolated_), internal::lease::stamp(lease_)),
                            came_.from, came_.full_size);
}

void datagram_core::on_received(arrived_datagram one) noexcept {
    keep(std::move(one));
    receivers_.call();
}

void datagram_core::keep(arrived_datagram one) noexcept {
    came_ = std::move(one);
    memory_.hold(std::min(came_.bytes.capacity(), internal::byte_budget::always_bytes));  // it never waits for memory
    input_ = input::arrived;
}

void datagram_core::continue_next_turn() noexcept {
    if (!is_listed()) here_.make_ready(*this);
}

bool datagram_core::over_budget() noexcept {
    if (std::exchange(turn_, here_.turns()) != here_.turns()) this_turn_ = 0;
    return this_turn_ >= most_datagrams_a_turn;
}

bool datagram_core::may_send() noexcept {
    if (!senders_.empty() || senders_.called() != 0) return false;
    if (!over_budget()) return true;
    continue_next_turn();
    return false;
}

outcome datagram_core::send(bytes_view payload, const address& to) {
    const outcome sent = port_->send(payload, to);
    is_full_ = sent.code == errc::would_block;
    ++this_turn_;
    return sent;
}

// Wakes one sender at a time, because the kernel's buffer may have no room for a second datagram.
void datagram_core::next_sender() noexcept {
    if (is_full_ || senders_.empty()) return;
    if (!over_budget()) return senders_.call();
    continue_next_turn();
}

void datagram_core::on_writable() noexcept {
    is_full_ = false;
    next_sender();
}

void datagram_core::run() {
    if (input_ == input::arrived) receivers_.call();
    next_sender();
}

void datagram_core::overdue() {
    is_late_ = true;
    receivers_.call();
}

}  // namespace internal

result<datagram_channel> datagram_channel::bind(const address& here, std::source_location where) {
    auto made = loop::current(where).backend().open_port(here, {});
    if (!made) return made.error();
    return datagram_channel(std::move(*made));
}

result<datagram_channel> datagram_channel::connect(const address& peer, std::source_location where) {
    auto made = loop::current(where).backend().open_port({}, peer);
    if (!made) return made.error();
    return datagram_channel(std::move(*made));
}

}  // namespace weir
