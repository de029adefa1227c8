#include "weir/tls/internal/tls_stream.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "weir/loop/loop.h"
#include "weir/socket/kernel_view.h"

namespace weir::internal {

tls_stream::tls_stream(owned_stream below, std::unique_ptr<tls_machine> machine, borrowed_buffer early)
    : below_(std::move(below)), machine_(std::move(machine)), input_(std::move(early)) {
    below_->set_user(*this);
}

// ---- receiving ----

bool tls_stream::has_too_many_answers() const noexcept {
    return below_sending_ != below_sending::idle && sealed_.size() >= most_answer_bytes;
}

std::optional<arrival> tls_stream::receive() {
    reading_ = reading::asked;
    for (;;) {
        if (has_too_many_answers()) return {};
        if (auto came = open_input()) {
            reading_ = reading::idle;
            return came;
        }
        if (input_end_) {
            reading_ = reading::idle;
            return input_ended(*input_end_);
        }
        if (reads_below_) return {};
        auto came = below_->receive();
        if (!came) {
            reads_below_ = true;
            return {};
        }
        if (came->ends()) {
            reading_ = reading::idle;
            return input_ended(came->how);
        }
        input_ = std::move(came->bytes);
        used_ = 0;
    }
}

// Nothing: all input is used, and gave nothing for the user.
std::optional<arrival> tls_stream::open_input() {
    bytes_view input = input_.view().from(used_);
    if (input.empty() && machine_->is_open() && machine_->holds() != tls_machine::held::opened) return {};
    auto came = current_user().wants_room() ? open_into_room(input) : open_into_block(input);
    if (!input.empty()) used_ = input_.size() - input.size();
    if (input.empty()) {
        input_.give_back();
        used_ = 0;
    }
    if (!sealed_.empty()) answer();
    return came;
}

// The user's memory is asked for only when there is something for it.
std::optional<arrival> tls_stream::open_into_room(bytes_view& input) {
    const auto probed = machine_->read(input, {}, sealed_);
    if (probed.how != tls_machine::step::no_room) return opened_end(probed.how);
    const std::span<std::byte> room = current_user().room();
    if (room.empty()) return open_into_block(input);
    const auto came = machine_->read(input, room, sealed_);
    return arrival{{}, {}, came.size};
}

// Opened bytes are fewer than sealed ones, of which OpenSSL may hold the first part of a record.
std::optional<arrival> tls_stream::open_into_block(bytes_view& input) {
    using held = tls_machine::held;
    if (machine_->holds() == held::nothing && !input.empty()) {
        // In place: OpenSSL copies a record before it writes the bytes of it, which are fewer.
        borrowed_buffer block = std::move(input_);
        const auto came = machine_->read(input, {block.data(), block.size()}, sealed_);
        input = {};
        if (came.size == 0) return opened_end(came.how);
        block.resize(came.size);
        return arrival{{}, std::move(block)};
    }
    constexpr std::size_t record = tls_machine::record_bytes;
    const std::size_t most = machine_->holds() == held::nothing ? std::min(input.size(), record) : record;
    borrowed_buffer block = loop::current().memory().lend(most);
    const auto came = machine_->read(input, {block.data(), block.capacity()}, sealed_);
    if (came.size == 0) return opened_end(came.how);
    block.resize(came.size);
    return arrival{{}, std::move(block)};
}

// An end or a failure behind opened bytes is found again by the next call.
std::optional<arrival> tls_stream::opened_end(tls_machine::step how) const noexcept {
    switch (how) {
        case tls_machine::step::ended: return arrival{};
        case tls_machine::step::failed: return arrival{{machine_->failure()}, {}};
        default: return {};
    }
}

arrival tls_stream::input_ended(outcome how) const noexcept {
    if (!how.good() || machine_->context().common().accept_missing_close_notify) return {how, {}};
    return {{errc::truncated}, {}};
}

// Goes on with what waits for receive().
void tls_stream::read_on() noexcept {
    std::optional<arrival> came;
    try {
        came = receive();
    } catch (const std::bad_alloc&) {
        reading_ = reading::idle;
        came = arrival{{errc::no_memory, ENOMEM}, {}};
    }
    if (came) current_user().on_received(std::move(*came));
}

void tls_stream::on_received(arrival came) noexcept {
    reads_below_ = false;
    if (came.ends()) input_end_ = came.how;
    input_ = std::move(came.bytes);
    used_ = 0;
    if (reading_ == reading::asked) read_on();
}

// ---- sending ----

std::optional<outcome> tls_stream::send(buffer& bytes) {
    if (sending_ == sending::failed) return failure_;
    plain_.swap(bytes);
    sending_ = sending::asked;
    const auto done = complete_sending();
    if (done) {
        plain_.clear();
        plain_.swap(bytes);  // the memory is the user's again
    }
    return done;
}

std::optional<outcome> tls_stream::shutdown_send() {
    if (sending_ == sending::failed) return failure_;
    sending_ = sending::shutting;
    try {
        if (machine_->end(sealed_) == tls_machine::step::failed) return sending_failed({machine_->failure()});
    } catch (const std::bad_alloc&) {
        return sending_failed({errc::no_memory, ENOMEM});
    }
    return complete_sending();
}

std::size_t tls_stream::unsent() const noexcept {
    return plain_.size() + sealed_.size() + (below_sending_ == below_sending::idle ? 0 : below_->unsent());
}

std::size_t tls_stream::untaken() const noexcept { return plain_.size() + sealed_.size() + below_->untaken(); }

// A peer that cannot be told of the end by a record still reads the end of the connection.
outcome tls_stream::sending_failed(outcome how) noexcept {
    if (sending_ == sending::shutting && below_sending_ == below_sending::idle)
        static_cast<void>(below_->shutdown_send());
    sending_ = sending::failed;
    failure_ = how;
    plain_.release();
    return how;
}

outcome tls_stream::seal_piece() noexcept try {
    const bytes_view piece = plain_.view().first(std::min(plain_.size(), piece_bytes));
    if (sealed_.capacity() == 0) sealed_ = loop::current().memory().spares().take(piece.size());
    const auto how = machine_->write(piece, sealed_);
    if (how == tls_machine::step::failed) return {machine_->failure()};
    plain_.consume(piece.size());
    return {};
} catch (const std::bad_alloc&) {
    return {errc::no_memory, ENOMEM};
}

// Sends until the stream below is busy, or all is done.
std::optional<outcome> tls_stream::push() noexcept {
    while (below_sending_ == below_sending::idle) {
        if (!plain_.empty() && sealed_.size() < piece_bytes) {
            if (const outcome sealed = seal_piece(); !sealed.good()) return sending_failed(sealed);
        }
        const bool ends = sealed_.empty() && sending_ == sending::shutting;
        if (sealed_.empty() && !ends) break;
        const auto done = ends ? below_->shutdown_send() : below_->send(sealed_);
        if (!done) {
            below_sending_ = ends ? below_sending::shutting : below_sending::busy;
            return {};
        }
        if (!done->good()) return sending_failed(*done);
        if (ends) sending_ = sending::ended;
    }
    if (below_sending_ != below_sending::idle) return {};
    loop::current().memory().spares().keep(sealed_);
    return outcome{};
}

// What the user has asked for, if it is done now.
std::optional<outcome> tls_stream::complete_sending() noexcept {
    const auto done = push();
    if (done && sending_ == sending::asked) sending_ = sending::idle;
    return done;
}

// The machine answers the peer: a key update, an alert.
void tls_stream::answer() noexcept {
    if (sending_ == sending::ended || sending_ == sending::failed) return sealed_.clear();
    static_cast<void>(push());
}

void tls_stream::on_sent(outcome how) noexcept {
    const auto finished = std::exchange(below_sending_, below_sending::idle);
    const auto before = sending_;
    std::optional<outcome> done = how;
    if (!how.good()) {
        sending_failed(how);
    } else if (finished == below_sending::shutting) {
        sending_ = sending::ended;
    } else {
        done = complete_sending();
    }
    if (done && plain_.capacity() != 0) loop::current().memory().spares().keep(plain_);
    if (is_halting_) {
        if (done) halt_below();
        return;
    }
    if (done && (before == sending::asked || before == sending::shutting)) current_user().on_sent(*done);
    if (reading_ == reading::asked && !reads_below_) read_on();
}

bool tls_stream::awaits_sent() const noexcept {
    if (!plain_.empty() || is_halting_ || sending_ == sending::shutting) return true;
    if (reading_ == reading::asked && !reads_below_) return true;
    return sending_ == sending::asked && current_user().awaits_sent();
}

// ---- the rest ----

std::optional<outcome> tls_stream::halt() {
    if (below_sending_ != below_sending::idle) {
        reading_ = reading::idle;
        is_halting_ = true;
        return {};
    }
    const auto halted = below_->halt();
    if (halted && !halted->good()) return halted;
    reading_ = reading::idle;
    if (halted) reads_below_ = false;
    return halted;
}

void tls_stream::halt_below() noexcept {
    is_halting_ = false;
    const auto halted = below_->halt();
    if (!halted) return;
    if (halted->good()) reads_below_ = false;
    current_user().on_halted();
}

void tls_stream::on_halted() noexcept {
    reads_below_ = false;
    current_user().on_halted();
}

void tls_stream::close(bool reset) noexcept {
    below_.release()->close(reset);
    delete this;
}

std::string tls_stream::explain(outcome failure) const {
    if (machine_->has_failed()) return "tls: " + machine_->failure_text();
    if (failure.code == errc::truncated)
        return "the connection ended without close_notify, so the peer may not be the one that ended it";
    return below_->explain(failure);
}

}  // namespace weir::internal
