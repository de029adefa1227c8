#include "weir/sim/port.h"

#include <algorithm>
#include <cstring>

#include "weir/sim/names.h"

namespace weir::sim::internal {
namespace {

constexpr std::size_t block_of_any_datagram = 2;
static_assert(weir::internal::block_pool::bytes_of(block_of_any_datagram) >= datagram_port::most_bytes);

// The limit of 65535 bytes includes the UDP header, and for IPv4 also the IP header. For a Unix datagram the buffer is
// the limit.
std::size_t most_payload(const address& to) {
    switch (to.family()) {
        case address_family::ipv4: return 65'507;
        case address_family::ipv6: return 65'527;
        default: return 212'960;
    }
}

}  // namespace

port::port(simulation& shared, address here, address peer)
    : shared_(shared), number_(shared.next_number()), here_(std::move(here)), peer_(std::move(peer)),
      handle_(std::make_shared<handle>(handle{this})), pending_(shared.counts.datagrams) {
    if (!here_.is_unnamed()) shared_.ports.add(here_, this, false);
}

port::~port() { shared_.release_descriptor(); }

outcome port::send(bytes_view payload, const address& to) {
    if (!failure_.good()) return std::exchange(failure_, {});
    const address& target = to.family() == address_family::none ? peer_ : to;
    if (target.family() == address_family::none) return linux_errno::needs_address;
    if (target.family() != here_.family()) return linux_errno::no_family;
    if (payload.size() > most_payload(target)) return linux_errno::too_large;
    const bool is_local = target.family() == address_family::local;
    if (is_local && shared_.ports.find(target).empty()) {
        const bool was_bound = !target.is_path() || shared_.paths.contains(std::string(target.local_name()));
        return was_bound ? linux_errno::refused : linux_errno::not_found;
    }
    shared_.note(trace_event::datagram_sent, number_, payload);
    if (!is_local && shared_.fault_occurs(shared_.options.lose_one_in)) return {};
    const auto one = std::make_shared<const datagram>(datagram{payload, here_});
    transmit(one, target);
    if (!is_local && shared_.fault_occurs(shared_.options.double_one_in)) transmit(one, target);
    return {};
}

void port::transmit(std::shared_ptr<const datagram> one, const address& to) {
    const bool is_local = to.family() == address_family::local;
    time_point due = shared_.now() + (is_local ? duration() : shared_.delay());
    if (!is_local && shared_.fault_occurs(shared_.options.reorder_one_in)) {
        due += shared_.options.most_delay;  // the next one may overtake it
    } else {
        last_due_ = due = std::max(due, last_due_);
    }
    shared_.later(due - shared_.now(), [&shared = shared_, one = std::move(one), to, sender = handle_] {
        if (shared.is_partitioned(one->from, to)) return;
        const auto found = shared.ports.find(to);
        if (!found.empty() && found.front()->accepts(one->from)) return found.front()->arrive(*one);
        // No socket accepts the datagram: ICMP reports this to a connected sender, udp(7).
        if (sender->owner != nullptr && sender->owner->peer_ == to) sender->owner->fail_as_refused();
    });
}

void port::arrive(const datagram& one) {
    if (arrived_bytes_ + one.content.size() > shared_.options.port_buffer_bytes) return;
    shared_.note(trace_event::datagram_arrived, number_, one.content);
    arrived_bytes_ += one.content.size();
    arrived_.push_back(one);
    notify();
}

void port::fail_as_refused() {
    failure_ = linux_errno::refused;
    notify();
}

std::optional<arrived_datagram> port::receive() {
    WEIR_CHECK(!is_notifying_, "receive() was called from within on_received()");
    WEIR_CHECK(!pending_, "receive() was called while a receive was pending");
    if (!failure_.good() || !arrived_.empty()) {
        if (!shared_.draw().flip()) return first();
        shared_.later({}, [mine = handle_] {
            if (mine->owner != nullptr) mine->owner->notify();
        });
    }
    pending_.begin();
    return {};
}

void port::notify() {
    if (!pending_ || (failure_.good() && arrived_.empty())) return;
    pending_.end();
    shared_.user_notified();
    is_notifying_ = true;
    current_user().on_received(first());
    is_notifying_ = false;
}

arrived_datagram port::first() {
    if (!failure_.good()) return {std::exchange(failure_, {}), {}, {}, 0};
    const datagram one = std::move(arrived_.front());
    arrived_.pop_front();
    arrived_bytes_ -= one.content.size();
    borrowed_buffer block = shared_.memory.blocks().lend(block_of_any_datagram);
    block.resize(std::min(one.content.size(), block.capacity()));
    if (!block.empty()) std::memcpy(block.data(), one.content.data(), block.size());
    shared_.note(trace_event::received, number_, block.view());
    return {{}, std::move(block), as_seen_from(here_, one.from), one.content.size()};
}

void port::close() noexcept {
    WEIR_CHECK(!is_notifying_, "a port was closed from within on_received()");
    handle_->owner = nullptr;
    if (!here_.is_unnamed()) shared_.ports.remove(this);
    shared_.note(trace_event::closed, number_);
    delete this;
}

}  // namespace weir::sim::internal
