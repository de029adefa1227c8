#include "weir/loop/send_queue.h"

#include <algorithm>
#include <cstddef>

namespace weir {

// Calls visit(block) for each block, until visit() returns false.
template <class Visit>
void send_queue::each_block(Visit visit) const {
    if (!has_blocks() || !visit(first_)) return;
    for (std::size_t at = next_; at < others_.size() && visit(others_[at]);) ++at;
}

void send_queue::append(bytes_view block_bytes, std::shared_ptr<const void> owner) {
    if (block_bytes.empty()) return;
    block one{std::move(owner), block_bytes, bytes_.size() - before_blocks_};
    const std::size_t before = one.before;
    if (has_blocks()) {
        if (next_ > others_.size() / 2) {
            others_.erase(others_.begin(), others_.begin() + static_cast<std::ptrdiff_t>(next_));
            next_ = 0;
        }
        others_.push_back(std::move(one));
    } else {
        first_ = std::move(one);
    }
    before_blocks_ += before;
    shared_bytes_ += block_bytes.size();
}

void send_queue::pop_block() noexcept {
    if (next_ == others_.size()) {
        first_ = {};
        return;
    }
    first_ = std::move(others_[next_++]);
    if (next_ != others_.size()) return;
    others_.clear();
    next_ = 0;
}

void send_queue::consume(std::size_t count) {
    WEIR_CHECK(count <= size(), "consume() of more than there is");
    while (has_blocks() && count != 0) {
        const std::size_t own = std::min(count, first_.before);
        bytes_.consume(own);
        first_.before -= own;
        before_blocks_ -= own;
        count -= own;
        const std::size_t shared = std::min(count, first_.rest.size());
        first_.rest = first_.rest.from(shared);
        shared_bytes_ -= shared;
        count -= shared;
        if (first_.rest.empty()) pop_block();
    }
    bytes_.consume(count);
}

void send_queue::clear() noexcept {
    bytes_.clear();
    first_ = {};
    others_.clear();
    next_ = before_blocks_ = shared_bytes_ = 0;
}

void send_queue::swap(send_queue& other) noexcept {
    bytes_.swap(other.bytes_);
    std::swap(first_, other.first_);
    others_.swap(other.others_);
    std::swap(next_, other.next_);
    std::swap(before_blocks_, other.before_blocks_);
    std::swap(shared_bytes_, other.shared_bytes_);
}

void send_queue::release() noexcept { send_queue().swap(*this); }

void send_queue::join() {
    if (!has_blocks()) return;
    buffer all;
    static_cast<void>(all.prepare(size()));
    std::size_t at = 0;
    each_block([&](const block& one) {
        all.append(bytes_.view().part(at, one.before));
        all.append(one.rest);
        at += one.before;
        return true;
    });
    all.append(bytes_.view().from(at));
    clear();
    bytes_.swap(all);
}

std::size_t send_queue::parts(std::span<bytes_view> into) const noexcept {
    std::size_t count = 0;
    std::size_t at = 0;
    const auto add = [&](bytes_view part) {
        if (!part.empty() && count != into.size()) into[count++] = part;
        return count != into.size();
    };
    each_block([&](const block& one) {
        const bytes_view own = bytes_.view().part(at, one.before);
        at += one.before;
        return add(own) && add(one.rest);
    });
    add(bytes_.view().from(at));
    return count;
}

}  // namespace weir
