#include "weir/stream/internal/driven_stream.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/coroutine/loop_thread.h"
#include "weir/coroutine/queue.h"
#include "weir/coroutine/run.h"
#include "weir/loop/internal/one_shot_value.h"
#include "weir/loop/internal/ready_list.h"
#include "weir/loop/loop.h"

namespace weir::internal {
namespace {

// A stream on a loop that runs in a separate thread.
//
//     send()    ──▶ outgoing_ ──▶ stream ──▶ the peer       the caller's thread │ the loop's thread
//     receive() ◀── arrived_  ◀── stream ◀── the peer
class loop_driven_stream final : public driven_stream {
public:
    explicit loop_driven_stream(address peer);
    ~loop_driven_stream() override;
    // See driven_stream::open().
    result<void> start(maker make);

    result<std::size_t> receive(std::span<std::byte> into, deadline until) override;
    result<std::size_t> send(bytes_view bytes, deadline until) override;
    void shutdown_send() override;
    result<void> finish(deadline until) override;
    std::size_t untaken(deadline until) override;
    std::size_t held_bytes() override;
    const address& peer() const noexcept override { return peer_; }

private:
    class pump;
    using opening = std::function<void(result<void>)>;

    enum class output : std::uint8_t {
        open,
        finishing,  // shutdown_send() was called
        shutting,   // everything was sent: the stream shuts down
        ended,
    };

    static task<> drive(loop_driven_stream& of, maker make, const opening& opened);
    void run_loop(loop& mine, const maker& make, const opening& opened) noexcept;
    bool wait(std::unique_lock<std::mutex>& locked, deadline until, const std::function<bool()>& holds);
    void wake();
    void fail(outcome why) noexcept;
    error failed(outcome how, std::string operation) const {
        return {how.code, std::move(operation), peer_.to_string(), explanation_, how.system_code};
    }

    std::mutex lock_;  // guards the members up to is_posted_
    std::condition_variable changed_;
    buffer arrived_;
    buffer outgoing_;
    std::optional<outcome> input_end_;  // a good one is the end of the stream
    outcome output_failure_;
    std::string explanation_;             // the stream's text about a failure
    std::optional<std::size_t> untaken_;  // the result for untaken()
    output output_ = output::open;
    bool is_posted_ = false;  // pump::run() was posted to the loop

    address peer_;
    std::unique_ptr<remote> loop_;
    remote::prepared close_;
    pump* pump_ = nullptr;  // used on the loop's thread; null when there is none
    std::unique_ptr<loop_thread> thread_;
};

// The part that runs on the loop's thread.
class loop_driven_stream::pump final : public ready_item, private byte_stream::user {
public:
    // The most receives and sends in one run, so that everything else on the loop runs, too.
    static constexpr int most_rounds = 16;

    pump(loop_driven_stream& of, owned_stream stream) : of_(of), stream_(std::move(stream)) {
        stream_->set_user(*this);
        of_.pump_ = this;
    }
    ~pump() override { of_.pump_ = nullptr; }
    pump(const pump&) = delete;
    pump& operator=(const pump&) = delete;

    queue<bool>& over() noexcept { return over_; }
    // Does what the other thread has requested.
    void run() override {
        {
            const std::scoped_lock locked(of_.lock_);
            of_.is_posted_ = false;
            if (!of_.untaken_) of_.untaken_ = stream_->untaken() + sending_.size();
        }
        of_.changed_.notify_all();
        work();
    }
    void close() noexcept {
        unlist();
        stream_.reset();
        static_cast<void>(over_.try_push(true));
    }

private:
    void on_received(arrival came) noexcept override {
        is_receiving_ = false;
        keep(std::move(came));
        work();
    }
    void on_sent(outcome how) noexcept override {
        is_sending_ = false;
        sent(how);
        work();
    }

    void work() noexcept {
        try {
            for (int round = 0; round < most_rounds; ++round) {
                const bool has_sent = send();
                const bool has_received = receive();
                if (!has_sent && !has_received) return;
            }
            if (!is_listed()) loop::current().make_ready(*this);
        } catch (const std::bad_alloc&) {
            of_.fail({errc::no_memory, ENOMEM});
        }
    }

    // send() and receive() return true if they did anything.
    bool send() {
        if (is_sending_) return false;
        bool ends = false;
        {
            const std::scoped_lock locked(of_.lock_);
            if (!of_.output_failure_.good()) return false;
            sending_.swap(of_.outgoing_);
            ends = sending_.empty() && of_.output_ == output::finishing;
            if (ends) of_.output_ = output::shutting;
        }
        of_.changed_.notify_all();
        if (sending_.empty() && !ends) return false;
        const auto done = ends ? stream_->shutdown_send() : stream_->send(sending_);
        if (done) sent(*done);
        else is_sending_ = true;
        return true;
    }
    void sent(outcome how) noexcept {
        const std::scoped_lock locked(of_.lock_);
        explain(how);
        if (!how.good()) of_.output_failure_ = how;
        else if (of_.output_ == output::shutting) of_.output_ = output::ended;
        of_.changed_.notify_all();
    }

    bool wants_input() const noexcept {
        const std::scoped_lock locked(of_.lock_);
        return !is_receiving_ && !of_.input_end_ && of_.arrived_.size() < most_waiting_bytes;
    }
    bool receive() {
        if (!wants_input()) return false;
        auto came = stream_->receive();
        is_receiving_ = !came;
        if (came) keep(std::move(*came));
        return came.has_value();
    }
    // The kernel reports a reset once: if a send returned it, the next receive returns the end of the stream.
    void keep(arrival came) noexcept {
        const std::scoped_lock locked(of_.lock_);
        if (came.ends()) {
            const bool was_reset = came.how.good() && of_.output_failure_.code == errc::reset;
            of_.input_end_ = was_reset ? of_.output_failure_ : came.how;
            explain(came.how);
        } else {
            try {
                of_.arrived_.append(came.bytes.view());
            } catch (const std::bad_alloc&) {
                of_.input_end_ = outcome{errc::no_memory, ENOMEM};
            }
        }
        of_.changed_.notify_all();
    }

    // Requires the lock. If there is no memory for the explanation, the failure has no explanation.
    void explain(outcome how) noexcept try {
        if (!how.good()) of_.explanation_ = stream_->explain(how);
    } catch (const std::bad_alloc&) {
        of_.explanation_.clear();
    }

    loop_driven_stream& of_;
    owned_stream stream_;
    queue<bool> over_{1};
    buffer sending_;
    bool is_receiving_ = false;
    bool is_sending_ = false;
};

task<> loop_driven_stream::drive(loop_driven_stream& of, maker make, const opening& opened) {
    result<owned_stream> made = error(errc::no_memory);
    try {
        task<result<owned_stream>> making = make();
        made = co_await std::move(making);
    } catch (const std::bad_alloc&) {
        made = error(errc::no_memory);
    } catch (const std::exception& thrown) {
        made = error(errc::invalid, {}, {}, std::string("an exception: ") + thrown.what());
    } catch (...) {
        made = error(errc::invalid, {}, {}, "an exception that is not a std::exception");
    }
    if (!made) {
        opened(made.error());
        co_return;
    }
    if (of.peer_.family() == address_family::none) of.peer_ = (*made)->peer_address();
    pump works(of, std::move(*made));
    opened({});
    works.run();
    auto over = co_await works.over().pop();
}

// After the loop has ended, no call may continue to wait. If close() was not called, an exception has ended the loop.
void loop_driven_stream::run_loop(loop& mine, const maker& make, const opening& opened) noexcept {
    outcome why{errc::cancelled};
    try {
        loop_ = std::make_unique<remote>(mine.from_elsewhere());
        mine.run(drive(*this, make, opened));
    } catch (const std::bad_alloc&) {
        why = {errc::no_memory, ENOMEM};
    } catch (...) {
        why = outcome{errc::invalid};
    }
    fail(why);
    opened(why.during("open", {}));
}

loop_driven_stream::loop_driven_stream(address peer)
    : peer_(std::move(peer)), close_(remote::prepare([this] {
          if (pump_ != nullptr) pump_->close();
      })) {}

result<void> loop_driven_stream::start(maker make) {
    const auto opened = std::make_shared<one_shot_value<result<void>>>();
    auto started = loop_thread::start([this, made_by = std::move(make), opened](loop& mine) {
        bool is_first = true;
        run_loop(mine, made_by, [&](result<void> how) {
            if (std::exchange(is_first, false)) opened->give(std::move(how));
        });
    });
    if (!started) return started.error();
    thread_ = std::make_unique<loop_thread>(std::move(*started));
    return opened->take();
}

loop_driven_stream::~loop_driven_stream() {
    if (loop_ != nullptr) loop_->post(std::move(close_));
    thread_.reset();
}

void loop_driven_stream::fail(outcome why) noexcept {
    const std::scoped_lock locked(lock_);
    if (output_failure_.good()) output_failure_ = why;
    if (!input_end_) input_end_ = why;
    if (!untaken_) untaken_ = 0;
    changed_.notify_all();
}

// Returns false when the deadline has passed.
bool loop_driven_stream::wait(std::unique_lock<std::mutex>& locked, deadline until,
                              const std::function<bool()>& holds) {
    if (!until.is_never()) return changed_.wait_until(locked, until.at(), holds);
    changed_.wait(locked, holds);
    return true;
}

// Requires the lock. If it throws std::bad_alloc, nothing has changed.
void loop_driven_stream::wake() {
    if (is_posted_) return;
    is_posted_ = loop_->post([this] {
        if (pump_ != nullptr) pump_->run();
    });
}

result<std::size_t> loop_driven_stream::receive(std::span<std::byte> into, deadline until) {
    std::unique_lock locked(lock_);
    if (!wait(locked, until, [this] { return !arrived_.empty() || input_end_; }))
        return error(errc::timed_out, "receive", peer_.to_string());
    if (arrived_.empty()) {
        if (input_end_->good()) return std::size_t{0};
        return failed(*input_end_, "receive");
    }
    const std::size_t count = std::min(into.size(), arrived_.size());
    const bool was_full = arrived_.size() >= most_waiting_bytes;
    if (was_full && arrived_.size() - count < most_waiting_bytes) wake();
    std::memcpy(into.data(), arrived_.data(), count);
    arrived_.consume(count);
    return count;
}

result<std::size_t> loop_driven_stream::send(bytes_view bytes, deadline until) {
    std::unique_lock locked(lock_);
    if (!wait(locked, until, [this] { return outgoing_.size() < most_waiting_bytes || !output_failure_.good(); }))
        return error(errc::timed_out, "send", peer_.to_string());
    if (!output_failure_.good()) return failed(output_failure_, "send");
    wake();
    const std::size_t count = std::min(bytes.size(), most_waiting_bytes - outgoing_.size());
    outgoing_.append(bytes.first(count));
    return count;
}

void loop_driven_stream::shutdown_send() {
    const std::scoped_lock locked(lock_);
    if (output_ != output::open) return;
    wake();
    output_ = output::finishing;
}

result<void> loop_driven_stream::finish(deadline until) {
    shutdown_send();
    std::unique_lock locked(lock_);
    if (!wait(locked, until, [this] { return output_ == output::ended || !output_failure_.good(); }))
        return error(errc::timed_out, "send", peer_.to_string(), "the peer did not take everything that was sent");
    if (!output_failure_.good()) return failed(output_failure_, "send");
    return {};
}

std::size_t loop_driven_stream::untaken(deadline until) {
    std::unique_lock locked(lock_);
    wake();
    untaken_.reset();
    wait(locked, until, [this] { return untaken_.has_value(); });
    return untaken_.value_or(0) + outgoing_.size();
}

std::size_t loop_driven_stream::held_bytes() {
    const std::scoped_lock locked(lock_);
    return arrived_.capacity() + outgoing_.capacity();
}

}  // namespace

result<std::unique_ptr<driven_stream>> driven_stream::open(maker make, address peer) {
    auto made = std::make_unique<loop_driven_stream>(std::move(peer));
    if (auto started = made->start(std::move(make)); !started) return started.error();
    return std::unique_ptr<driven_stream>(std::move(made));
}

}  // namespace weir::internal
