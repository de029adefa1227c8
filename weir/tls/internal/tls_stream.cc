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

// Returns nothing when all input is used and contained nothing for the user.
std::optional<arrival> tls_stream::open_input() {
    bytes_view input = input_.view().from(used_);
    if (input.empty() && machine_->is_open() && machine_->holds() != tls_machine::held::opened) return {};
    const std::size_t before = input.size();
    auto came = current_user().wants_room() ? open_into_room(input) : open_into_block(input);
    use_input(before, input);
    if (came && !came->ends()) without_data_ = 0;
    answer();
    if (without_data_ <= most_bytes_without_data) return came;
    machine_->give_up(errc::malformed, "64 KiB of TLS messages arrived without data: a flood of key updates");
    return opened_end(tls_machine::step::failed);
}

// Removes the used input. `rest` is the input that is left, and `before` is its size before the step.
void tls_stream::use_input(std::size_t before, bytes_view rest) noexcept {
    without_data_ += static_cast<std::uint32_t>(before - rest.size());
    if (rest.empty()) {
        input_.give_back();
        used_ = 0;
    } else {
        used_ = static_cast<std::uint32_t>(input_.size() - rest.size());
    }
}

// Asks the user for memory only when there is data for it.
std::optional<arrival> tls_stream::open_into_room(bytes_view& input) {
    const auto probed = machine_->read(input, {}, sealed_);
    if (probed.how != tls_machine::step::no_room) return opened_end(probed.how);
    const std::span<std::byte> room = current_user().room();
    if (room.empty()) return open_into_block(input);
    const auto came = machine_->read(input, room, sealed_);
    return arrival{{}, {}, came.size};
}

// Opens into a borrowed buffer. The opened bytes are fewer than the sealed ones. But if OpenSSL already holds the first
// part of a record, they may be more than the new input.
std::optional<arrival> tls_stream::open_into_block(bytes_view& input) {
    using held = tls_machine::held;
    if (machine_->holds() == held::nothing && !input.empty()) {
        // In place: the opened bytes of a record are fewer, and OpenSSL copies the record before it writes them.
        borrowed_buffer block = std::move(input_);
        used_ = 0;
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

// Returns the end or the failure that `how` reports. Call it when there are no opened bytes to return first.
std::optional<arrival> tls_stream::opened_end(tls_machine::step how) const noexcept {
    switch (how) {
        case tls_machine::step::ended: return arrival{};
        case tls_machine::step::failed: return arrival{{machine_->failure()}, {}};
        default: return {};
    }
}

arrival tls_stream::input_ended(outcome how) const noexcept {
    // An end inside a record is never accepted as the end of the stream.
    const bool is_accepted = machine_->context().common().accept_missing_close_notify &&
                             machine_->holds() != tls_machine::held::part_of_record;
    if (!how.good() || is_accepted) return {how, {}};
    return {{errc::truncated}, {}};
}

// Continues the user's receive(), and completes it if possible.
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
    if (is_sealing()) go_on_sending();
    if (reading_ == reading::asked && !reads_below_) read_on();
}

// ---- sending ----

// Returns whether plain bytes or close_notify are still to be sealed.
bool tls_stream::is_sealing() const noexcept { return !plain_.empty() || sending_ == sending::ending; }

std::optional<outcome> tls_stream::send(buffer& bytes) {
    if (sending_ == sending::failed) return failure_;
    plain_.swap(bytes);
    sending_ = sending::asked;
    const auto done = complete_sending();
    if (done) {
        plain_.clear();
        plain_.swap(bytes);  // returns the memory to the user
    }
    return done;
}

std::optional<outcome> tls_stream::shutdown_send() {
    if (sending_ == sending::failed) return failure_;
    sending_ = sending::ending;
    return complete_sending();
}

std::size_t tls_stream::unsent() const noexcept {
    return plain_.size() + sealed_.size() + (below_sending_ == below_sending::idle ? 0 : below_->unsent());
}

std::size_t tls_stream::untaken() const noexcept { return plain_.size() + sealed_.size() + below_->untaken(); }

// If close_notify cannot be sent, the stream below still shuts down, so that the peer reads an end.
outcome tls_stream::sending_failed(outcome how) noexcept {
    const bool was_ending = sending_ == sending::ending || sending_ == sending::shutting;
    if (was_ending && below_sending_ == below_sending::idle) static_cast<void>(below_->shutdown_send());
    sending_ = sending::failed;
    failure_ = how;
    plain_.release();
    return how;
}

// Seals the next piece, or close_notify after the last one.
tls_machine::step tls_stream::seal() noexcept try {
    if (plain_.empty()) {
        const auto how = machine_->end(sealed_);
        if (how == tls_machine::step::done) sending_ = sending::shutting;
        return how;
    }
    const bytes_view piece = plain_.view().first(std::min(plain_.size(), piece_bytes));
    if (sealed_.capacity() == 0) sealed_ = loop::current().memory().spares().take(piece.size());
    const auto how = machine_->write(piece, sealed_);
    if (how == tls_machine::step::done) plain_.consume(piece.size());
    return how;
} catch (const std::bad_alloc&) {
    machine_->give_up(errc::no_memory, {});
    return tls_machine::step::failed;
}

// Reads the rest of the TLS message that sealing waits for; data stays in the machine. Returns false if nothing could
// be read.
bool tls_stream::reads_for_sending() noexcept try {
    bytes_view input = input_.view().from(used_);
    if (input.empty()) {
        if (reads_below_ || input_end_) return false;
        auto came = below_->receive();
        reads_below_ = !came;
        if (!came) return false;
        if (came->ends()) input_end_ = came->how;
        input_ = std::move(came->bytes);
        input = input_.view();
    }
    const std::size_t before = input.size();
    const auto came = machine_->read(input, {}, sealed_);
    const bool is_stuck = came.how == tls_machine::step::no_room && input.size() == before;
    use_input(before, input);
    return !is_stuck;
} catch (const std::bad_alloc&) {
    machine_->give_up(errc::no_memory, {});
    return true;  // the next seal() finds the failure
}

// Seals and sends until the stream below is busy or everything is sent.
std::optional<outcome> tls_stream::push() noexcept {
    while (below_sending_ == below_sending::idle) {
        if (is_sealing() && sealed_.size() < piece_bytes) {
            const auto how = seal();
            if (how == tls_machine::step::failed) return sending_failed({machine_->failure()});
            if (how == tls_machine::step::wants_input) {
                if (reads_for_sending()) continue;
                if (input_end_) return sending_failed({errc::broken_pipe});
                if (sealed_.empty()) return {};
            }
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

// Returns the outcome of the user's operation if it completes now.
std::optional<outcome> tls_stream::complete_sending() noexcept {
    const auto done = push();
    if (done && sending_ == sending::asked) sending_ = sending::idle;
    return done;
}

// Sends what the machine answers to the peer: a key update or an alert. Sealing that waited for input may continue, but
// on a later run(), so that the user is not called during its own receive().
void tls_stream::answer() noexcept {
    if (sending_ == sending::ended || sending_ == sending::failed) return sealed_.clear();
    if (below_sending_ != below_sending::idle) return;
    if (is_sealing()) {
        if (!is_listed()) loop::current().make_ready(*this);
    } else if (!sealed_.empty()) {
        static_cast<void>(push());
    }
}

void tls_stream::on_sent(outcome how) noexcept {
    const auto finished = std::exchange(below_sending_, below_sending::idle);
    const auto before = sending_;
    if (!how.good()) return sent(before, sending_failed(how));
    if (finished == below_sending::shutting) {
        sending_ = sending::ended;
        return sent(before, how);
    }
    go_on_sending();
}

void tls_stream::go_on_sending() noexcept {
    const auto before = sending_;
    if (const auto done = complete_sending()) return sent(before, *done);
    if (reading_ == reading::asked && !reads_below_) read_on();
}

// Completes the user's operation, if there was one.
void tls_stream::sent(sending asked_for, outcome how) noexcept {
    if (plain_.capacity() != 0) loop::current().memory().spares().keep(plain_);
    const bool was_asked = asked_for != sending::idle && asked_for != sending::ended && asked_for != sending::failed;
    if (was_asked) current_user().on_sent(how);
    if (reading_ == reading::asked && !reads_below_) read_on();
}

bool tls_stream::awaits_sent() const noexcept {
    if (!plain_.empty() || !sealed_.empty() || sending_ == sending::shutting) return true;
    if (reading_ == reading::asked && !reads_below_) return true;
    return sending_ == sending::asked && current_user().awaits_sent();
}

// ---- the rest ----

std::optional<outcome> tls_stream::halt() {
    const auto halted = below_->halt();
    if (halted && !halted->good()) return halted;
    reading_ = reading::idle;
    if (sending_ == sending::asked) sending_ = sending::idle;
    if (is_listed()) unlist();
    if (halted) below_has_halted();
    return halted;
}

// Sealed bytes cannot become plain bytes again: this stream keeps those that the stream below has not sent, and sends
// them first.
void tls_stream::below_has_halted() noexcept {
    reads_below_ = false;
    if (below_sending_ == below_sending::idle) return;
    below_sending_ = below_sending::idle;
    buffer unsent = std::move(below_->take_unsent().bytes());
    try {
        unsent.append(sealed_.view());
        sealed_.swap(unsent);
    } catch (const std::bad_alloc&) {
        machine_->give_up(errc::no_memory, {});
        static_cast<void>(sending_failed({errc::no_memory, ENOMEM}));
    }
}

send_queue tls_stream::take_unsent() noexcept { return std::exchange(plain_, {}); }

void tls_stream::on_halted() noexcept {
    below_has_halted();
    current_user().on_halted();
}

// Bytes that were sealed before halt() may still be unsent. answer() sends them, even if the new user sends nothing.
void tls_stream::set_user(byte_stream::user& one) noexcept {
    byte_stream::set_user(one);
    answer();
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
