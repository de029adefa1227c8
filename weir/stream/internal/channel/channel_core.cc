#include "weir/stream/internal/channel/channel_core.h"

#include <string>
#include <utility>

#include "weir/base/check.h"

namespace weir::internal {
namespace {

class heap_owner final : public channel_owner {
    void channel_closed(const channel_core& one) noexcept override {
        connection_counters& all = one.counters();
        all.open.subtract(1);
        all.end(one.close_reason_code());
    }
    void release(channel_core& one) noexcept override { delete &one; }
};

}  // namespace

channel_terms::channel_terms(framing described, const channel_limits& limited_by, bool fixes_framing,
                             std::shared_ptr<connection_counters> counted_in)
    : encode(std::move(described)), limits(limited_by), is_framing_fixed(fixes_framing), here(loop::current()),
      pool(here->part<channel_pool>()), counters(counted_in != nullptr ? std::move(counted_in) : pool.clients()) {
    WEIR_CHECK(limits.problem().empty(), "channel_limits: " + std::string(limits.problem()));
}

// A custom framing of a program must be destroyed with the channels that use it, not with the loop.
channel_terms::~channel_terms() {
    if (encode.described().fields().kind == framing_kind::custom) pool.forget(encode.described());
}

channel_core::channel_core(channel_owner& owner, owned_stream below, shared_terms terms, address peer,
                           std::unique_ptr<peer_facts> facts)
    : here_(loop::current()), below_(std::move(below)), terms_(std::move(terms)), owner_(owner), peer_(std::move(peer)),
      facts_(std::move(facts)), opened_(here_->now()), active_(opened_) {
    below_->set_user(*this);
}

channel_core& channel_core::make(owned_stream below, shared_terms terms, address peer,
                                 std::unique_ptr<peer_facts> facts) {
    static heap_owner heap;
    client_counters& all = *terms->pool.clients();
    auto* const made = new channel_core(heap, std::move(below), std::move(terms), std::move(peer), std::move(facts));
    ++all.opened;
    ++all.open;
    return *made;
}

channel_core::~channel_core() = default;

void channel_core::release_handle() noexcept {
    if (--handle_count_ != 0) return;
    WEIR_CHECK(task_.is_empty() && (work_ == nullptr || (work_->sender.has_no_line() && work_->halting == nullptr)),
               "a channel was destroyed while a task waits in its receive(), send(), flush() or detach()");
    begin_close();
}

result<void> channel_core::switch_framing(framing described) {
    if (terms_->is_framing_fixed) {
        return error(errc::unsupported, "switch framing", peer().to_string(),
                     "a wrapper of this channel defines the messages itself");
    }
    channel_work& now = work();
    const bool may_switch = now.receiver.may_switch();
    if (!may_switch && !now.receiver.has_ended()) {
        return error(errc::too_large, "switch framing", peer().to_string(),
                     "a message over the limit is incomplete: call receive() until it has ended");
    }
    auto terms = std::make_shared<channel_terms>(described, limits(), false, terms_->counters);
    if (may_switch) now.receiver.switch_to(std::move(described));
    now.receiver.leave_fast_path();
    now.sender.leave_fast_path();
    terms_ = std::move(terms);
    if (task_.waits()) resume_reader_if_ready();  // bytes that have arrived may be a message now
    schedule_end_turn();                          // end_turn() may make the channel idle
    return {};
}

bool channel_core::begin_receive_slowly(std::source_location where) {
    check_invariants();
    WEIR_CHECK(task_.is_empty(), "two receives at once on one channel: a channel has one reader", where);
    channel_receiver& in = work().receiver;
    in.leave_fast_path();
    in.release_last();
    in.set_resume_reason(resume_reason::event);
    skip_time_without_reader();
    if (in.is_reading() && in.is_in_gap() && here_->now() >= later(in.came_at(), described().fields().gap)) in.gap();
    if (!advance() || has_used_turn()) return false;
    schedule_end_turn();  // end_turn() counts what was received; the next receive() may come much later
    return true;
}

// Call it when the fast path found an event that is not a message.
bool channel_core::continue_receiving() {
    channel_receiver& in = work_->receiver;
    in.leave_fast_path();
    in.set_resume_reason(resume_reason::event);
    skip_time_without_reader();
    return act_on(in.settle()) && advance() && !has_used_turn();
}

// The time limits count only the time during which a task waits in receive().
void channel_core::skip_time_without_reader() noexcept {
    const duration away = work_->receiver.restart_clocks(here_->now());
    opened_ += away;
    active_ += away;
}

// Returns true when a message, a piece or a close reason can be taken.
bool channel_core::advance() {
    while (work_->receiver.is_scanning()) {
        if (!act_on(work_->receiver.next())) return false;
    }
    return true;
}

// Returns false when the task has to wait: for bytes, for memory, or for the next turn.
bool channel_core::act_on(decoder::kind event) {
    channel_receiver& in = work_->receiver;
    switch (event) {
        case decoder::message:
        case decoder::piece: break;
        case decoder::skipped:
            ++stats_.messages_skipped;
            hit(limit_kind::message_size);
            break;
        case decoder::end: end(error(errc::closed)); break;
        case decoder::failed:
            if (in.decoder_failure() == errc::too_large) hit(limit_kind::message_size);
            end(in.decoder_failure().during({}, {}));
            break;
        case decoder::more:
            in.input_used_up(here_->now());
            in.fit_memory(here_->spares());
            count_memory();
            if (work_->close.is_last_input() && in.at_boundary()) {
                end_stopped();
                break;
            }
            if (task_.waits() && has_used_turn()) {
                if (!work_->at_turn_end.is_listed())
                    here_->make_ready(work_->at_turn_end);  // continues in the next turn
                return false;
            }
            if (!submit_receive()) return in.has_ended();
            break;
    }
    return true;
}

// Submits a receive. Returns true when the receive completed at once.
bool channel_core::submit_receive() {
    channel_receiver& in = work_->receiver;
    if (in.is_reading() || !may_receive()) return false;
    if (auto came = below_->receive()) {
        process(std::move(*came));
        return true;
    }
    in.submitted();
    if (in.expects_large()) in.fit_memory(here_->spares());
    work_->close.wait(here_->now());
    return false;
}

void channel_core::on_received(arrival came) noexcept {
    channel_work* const now = try_work();
    if (now == nullptr) return;
    check_invariants();
    now->receiver.completed();
    const bool done = try_step([&] {
        process(std::move(came));
        if (!work_->close.is_closing() && task_.waits()) resume_reader_if_ready();
    });
    if (!done) return;
    if (work_->close.is_closing()) return schedule_end_turn();
    if (task_.is_empty()) count_traffic();
    idle_if_done();
}

void channel_core::process(arrival came) {
    channel_receiver& in = work_->receiver;
    const std::size_t count = came.bytes.size() + came.in_room;
    stats_.bytes_received += count;
    in.count(count, here_->now());
    if (came.ends()) in.input_ended();
    if (work_->close.is_closing() || in.has_ended()) {
        work_->close.drop(count);
    } else if (!came.how.good()) {
        end(explained(came.how));
        if (came.how.code != errc::truncated) sending_failed(came.how);  // the connection has failed in both directions
    } else if (came.ends() && work_->sender.failure() == errc::reset) {
        end(error(errc::reset));
    } else if (came.ends()) {
        in.finish();
    } else {
        active_ = here_->now();
        work_->close.received();
        if (came.in_room != 0) {
            in.collected(came.in_room);
        } else {
            in.feed(std::move(came.bytes));
        }
        count_memory();
    }
}

result<message> channel_core::take_message_safely() try {
    return take_message_slowly();
} catch (const std::bad_alloc&) {
    end_without_memory();
    return error(errc::no_memory);
}

result<message> channel_core::take_message_slowly() {
    if (work_ == nullptr) return error(errc::no_memory);
    check_invariants();
    channel_receiver& in = work_->receiver;
    const auto reason = in.take_resume_reason();
    if (reason == resume_reason::cancelled) return error(errc::cancelled, "receive", peer().to_string());
    if (!in.is_holding()) {
        if (in.has_ended()) return close_reason();
        WEIR_CHECK(reason == resume_reason::timed_out, "a receive was resumed without a result");
        return error(errc::timed_out, "receive", peer().to_string());
    }
    if (work_->memory.promised() != 0 && in.holds_whole_message())
        work_->memory.shrink(with_reply(in.held_message_bytes()));
    const message taken = in.take(here_->turns());
    if (taken.is_whole() || taken.is_last_piece()) ++stats_.messages_received;
    return taken;
}

// Makes an error from an outcome, with the stream's explanation.
error channel_core::explained(outcome how) const {
    return {how.code, {}, {}, below_ == nullptr ? std::string() : below_->explain(how), how.system_code};
}

const error& channel_core::close_reason() const {
    static const error none(errc::none);
    return work_ == nullptr ? none : in_full(work_->receiver.close_reason(), "receive");
}

const error& channel_core::failure() const {
    static const error none(errc::none);
    return work_ == nullptr ? none : in_full(work_->sender.failure(), "send");
}

// Adds operation and peer to the error only when a program reads it, because most close reasons are never read. If
// there is no error, returns a static object, because the channel_work may be given back.
const error& channel_core::in_full(error& one, const char* operation) const {
    static const error none(errc::none);
    if (one == errc::none) return none;
    if (!one.operation().empty()) return one;
    try {
        one = one.during(operation, peer().to_string());
    } catch (const std::bad_alloc&) {
        return one;  // without memory, the code must be enough
    }
    return one;
}

void channel_core::stop() {
    if (try_work() == nullptr) return;
    check_invariants();
    work_->close.stop();
    if (work_->receiver.is_reading()) work_->close.wait(here_->now());
    try_step([this] { set_clock(); });
}

}  // namespace weir::internal
