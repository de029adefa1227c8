#include "weir/stream/internal/driven_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "weir/coroutine/queue.h"
#include "weir/coroutine/run.h"
#include "weir/loop/internal/handover.h"
#include "weir/loop/internal/ready_list.h"

namespace weir::internal {

// The part on the loop's thread.
class driven_stream::pump final : public ready_item, private byte_stream::user {
public:
    // So many receives and sends, then the rest of the loop has its turn.
    static constexpr int most_rounds = 16;

    pump(driven_stream& of, owned_stream stream) : of_(of), stream_(std::move(stream)) {
        stream_->set_user(*this);
        of_.pump_ = this;
    }
    ~pump() override { of_.pump_ = nullptr; }
    pump(const pump&) = delete;
    pump& operator=(const pump&) = delete;

    queue<bool>& over() noexcept { return over_; }
    // Does what the other thread has asked for.
    void run() override {
        {
            const std::scoped_lock locked(of_.lock_);
            of_.is_posted_ = false;
            if (!of_.untaken_) of_.untaken_ = stream_->untaken() + sending_.size();
        }
        of_.changed_.notify_all();
        go_on();
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
        go_on();
    }
    void on_sent(outcome how) noexcept override {
        is_sending_ = false;
        sent(how);
        go_on();
    }

    void go_on() noexcept {
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

    // Returns whether it did anything, as receive() does.
    bool send() {
        if (is_sending_) return false;
        bool ends = false;
        {
            const std::scoped_lock locked(of_.lock_);
            if (!of_.output_failure_.good()) return false;
            sending_.swap(of_.outgoing_);
            ends = sending_.empty() && of_.output_ == output::ending;
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
    // The kernel reports a reset once: if a send was told of it, the next receive finds an end.
    void keep(arrival came) noexcept {
        const std::scoped_lock locked(of_.lock_);
        if (came.ends()) {
            const bool was_reset = came.how.good() && of_.output_failure_.code == errc::reset;
            of_.input_end_ = was_reset ? of_.output_failure_ : came.how;
        } else {
            try {
                of_.arrived_.append(came.bytes.view());
            } catch (const std::bad_alloc&) {
                of_.input_end_ = outcome{errc::no_memory, ENOMEM};
            }
        }
        of_.changed_.notify_all();
    }

    driven_stream& of_;
    owned_stream stream_;
    queue<bool> over_{1};
    buffer sending_;
    bool is_receiving_ = false;
    bool is_sending_ = false;
};

task<> driven_stream::drive(driven_stream& of, maker make, const opening& opened) {
    result<owned_stream> made = error(errc::no_memory);
    try {
        task<result<owned_stream>> making = make();
        made = co_await std::move(making);
    } catch (const std::bad_alloc&) {
        made = error(errc::no_memory);
    } catch (const std::exception& thrown) {
        made = error(errc::invalid, {}, {}, std::string("an exception: ") + thrown.what());
    } catch (...) {
        made = error(errc::invalid, {}, {}, "an exception that is no std::exception");
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

// After the end nobody waits in vain: without close() an exception has ended the loop.
void driven_stream::run_loop(loop& mine, const maker& make, const opening& opened) noexcept {
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

result<std::unique_ptr<driven_stream>> driven_stream::open(maker make, address peer) {
    std::unique_ptr<driven_stream> made(new driven_stream);
    made->peer_ = std::move(peer);
    const auto opened = std::make_shared<handover<result<void>>>();
    made->close_ = remote::prepare([of = made.get()] {
        if (of->pump_ != nullptr) of->pump_->close();
    });
    auto started = loop_thread::start([of = made.get(), made_by = std::move(make), opened](loop& mine) {
        bool is_first = true;
        of->run_loop(mine, made_by, [&](result<void> how) {
            if (std::exchange(is_first, false)) opened->give(std::move(how));
        });
    });
    if (!started) return started.error();
    made->thread_ = std::make_unique<loop_thread>(std::move(*started));
    if (auto done = opened->take(); !done) return done.error();
    return made;
}

driven_stream::~driven_stream() {
    if (loop_ != nullptr) loop_->post(std::move(close_));
    thread_.reset();
}

void driven_stream::fail(outcome why) noexcept {
    const std::scoped_lock locked(lock_);
    if (output_failure_.good()) output_failure_ = why;
    if (!input_end_) input_end_ = why;
    if (!untaken_) untaken_ = 0;
    changed_.notify_all();
}

// Returns false when the deadline has passed.
bool driven_stream::wait(std::unique_lock<std::mutex>& locked, deadline until, const std::function<bool()>& holds) {
    if (!until.is_never()) return changed_.wait_until(locked, until.at(), holds);
    changed_.wait(locked, holds);
    return true;
}

// Requires the lock. Throws std::bad_alloc; nothing has changed then.
void driven_stream::wake() {
    if (is_posted_) return;
    is_posted_ = loop_->post([this] {
        if (pump_ != nullptr) pump_->run();
    });
}

result<std::size_t> driven_stream::receive(std::span<std::byte> into, deadline until) {
    std::unique_lock locked(lock_);
    if (!wait(locked, until, [this] { return !arrived_.empty() || input_end_; }))
        return error(errc::timed_out, "receive", peer_.to_string());
    if (arrived_.empty()) {
        if (input_end_->good()) return std::size_t{0};
        return input_end_->during("receive", peer_.to_string());
    }
    const std::size_t count = std::min(into.size(), arrived_.size());
    const bool was_full = arrived_.size() >= most_waiting_bytes;
    if (was_full && arrived_.size() - count < most_waiting_bytes) wake();
    std::memcpy(into.data(), arrived_.data(), count);
    arrived_.consume(count);
    return count;
}

result<std::size_t> driven_stream::send(bytes_view bytes, deadline until) {
    std::unique_lock locked(lock_);
    if (!wait(locked, until, [this] { return outgoing_.size() < most_waiting_bytes || !output_failure_.good(); }))
        return error(errc::timed_out, "send", peer_.to_string());
    if (!output_failure_.good()) return output_failure_.during("send", peer_.to_string());
    wake();
    const std::size_t count = std::min(bytes.size(), most_waiting_bytes - outgoing_.size());
    outgoing_.append(bytes.first(count));
    return count;
}

void driven_stream::shutdown_send() {
    const std::scoped_lock locked(lock_);
    if (output_ != output::open) return;
    wake();
    output_ = output::ending;
}

result<void> driven_stream::finish(deadline until) {
    shutdown_send();
    std::unique_lock locked(lock_);
    if (!wait(locked, until, [this] { return output_ == output::ended || !output_failure_.good(); }))
        return error(errc::timed_out, "send", peer_.to_string(), "the peer did not take everything that was sent");
    if (!output_failure_.good()) return output_failure_.during("send", peer_.to_string());
    return {};
}

std::size_t driven_stream::untaken(deadline until) {
    std::unique_lock locked(lock_);
    wake();
    untaken_.reset();
    wait(locked, until, [this] { return untaken_.has_value(); });
    return untaken_.value_or(0) + outgoing_.size();
}

std::size_t driven_stream::held_bytes() {
    const std::scoped_lock locked(lock_);
    return arrived_.capacity() + outgoing_.capacity();
}

}  // namespace weir::internal
