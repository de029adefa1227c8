#include "weir/sim/sim_port.h"

#include <algorithm>
#include <cstring>

#include "weir/sim/names.h"

namespace weir {
namespace {

constexpr std::size_t block_of_any_datagram = 2;
static_assert(block_pool::bytes_of(block_of_any_datagram) >= datagram_port::most_bytes);

// What fits behind the headers of IPv4, or IPv6, and UDP; a Unix socket takes what its buffer holds.
std::size_t most_payload(const address& to) {
    switch (to.family()) {
        case address_family::ipv4: return 65'507;
        case address_family::ipv6: return 65'527;
        default: return 212'960;
    }
}

}  // namespace

sim_port::sim_port(sim_world& world, address here, address peer)
    : world_(world), number_(world.next_number()), here_(std::move(here)), peer_(std::move(peer)),
      handle_(std::make_shared<handle>(handle{this})), asked_(world.counts.datagrams) {
    if (!here_.is_unnamed()) world_.ports.add(here_, this, false);
}

sim_port::~sim_port() { world_.give_descriptor(); }

outcome sim_port::send(bytes_view payload, const address& to) {
    if (!failure_.good()) return std::exchange(failure_, {});
    const address& target = to.family() == address_family::none ? peer_ : to;
    if (target.family() == address_family::none) return linux_errno::needs_address;
    if (target.family() != here_.family()) return linux_errno::no_family;
    if (payload.size() > most_payload(target)) return linux_errno::too_large;
    const bool is_local = target.family() == address_family::local;
    if (is_local && world_.ports.find(target).empty()) {
        const bool was = !target.is_path() || world_.paths.contains(std::string(target.local_name()));
        return was ? linux_errno::refused : linux_errno::not_found;
    }
    world_.note(happening::posted, number_, payload);
    if (!is_local && world_.strikes(world_.options.lose_one_in)) return {};
    const auto one = std::make_shared<const datagram>(datagram{payload, here_});
    post(one, target);
    if (!is_local && world_.strikes(world_.options.double_one_in)) post(one, target);
    return {};
}

void sim_port::post(std::shared_ptr<const datagram> one, const address& to) {
    const bool is_local = to.family() == address_family::local;
    time_point due = world_.now() + (is_local ? duration() : world_.delay());
    if (!is_local && world_.strikes(world_.options.reorder_one_in)) {
        due += world_.options.most_delay;  // and the next one does not wait for it
    } else {
        last_due_ = due = std::max(due, last_due_);
    }
    world_.later(due - world_.now(), [&world = world_, one = std::move(one), to, sender = handle_] {
        if (world.is_cut(one->from, to)) return;
        const auto found = world.ports.find(to);
        if (!found.empty() && found.front()->takes(one->from)) return found.front()->arrive(*one);
        // ICMP says so to whoever is connected to nobody, udp(7).
        if (sender->port != nullptr && sender->port->peer_ == to) sender->port->be_refused();
    });
}

void sim_port::arrive(const datagram& one) {
    if (arrived_bytes_ + one.content.size() > world_.options.port_buffer_bytes) return;
    world_.note(happening::delivered, number_, one.content);
    arrived_bytes_ += one.content.size();
    arrived_.push_back(one);
    tell();
}

void sim_port::be_refused() {
    failure_ = linux_errno::refused;
    tell();
}

std::optional<parcel> sim_port::receive() {
    WEIR_CHECK(!is_telling_, "a port was asked for more from within the call that told its user");
    WEIR_CHECK(!asked_, "a port was asked for more while a receive was on its way");
    if (!failure_.good() || !arrived_.empty()) {
        if (!world_.draw().flip()) return first();
        world_.later({}, [mine = handle_] {
            if (mine->port != nullptr) mine->port->tell();
        });
    }
    asked_.begin();
    return {};
}

void sim_port::tell() {
    if (!asked_ || (failure_.good() && arrived_.empty())) return;
    asked_.end();
    world_.has_told();
    is_telling_ = true;
    told().received(first());
    is_telling_ = false;
}

parcel sim_port::first() {
    if (!failure_.good()) return {std::exchange(failure_, {}), {}, {}, 0};
    const datagram one = std::move(arrived_.front());
    arrived_.pop_front();
    arrived_bytes_ -= one.content.size();
    lent_bytes block = world_.blocks.lend(block_of_any_datagram);
    block.resize(std::min(one.content.size(), block.capacity()));
    if (!block.empty()) std::memcpy(block.data(), one.content.data(), block.size());
    world_.note(happening::received, number_, block.view());
    return {{}, std::move(block), as_seen_from(here_, one.from), one.content.size()};
}

void sim_port::close() noexcept {
    WEIR_CHECK(!is_telling_, "a port was closed from within the call that told its user");
    handle_->port = nullptr;
    if (!here_.is_unnamed()) world_.ports.remove(this);
    world_.note(happening::closed, number_);
    delete this;
}

}  // namespace weir
