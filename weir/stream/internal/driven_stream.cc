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

namespace weir::internal {

// The part on the loop's thread.
class driven_stream::pump final : private byte_stream::user {
public:
    pump(driven_stream& of, owned_stream stream) : of_(of), stream_(std::move(stream)) { stream_->set_user(*this); }

    queue<bool>& over() noexcept { return over_; }
    // Does what the other thread has asked for.
    void run() noexcept {
        {
            const std::scoped_lock locked(of_.lock_);
            of_.is_posted_ = false;
        }
        go_on();
    }
    void close() noexcept {
        stream_.reset();
        static_cast<void>(over_.try_push(true));
    }
    std::size_t untaken() const noexcept { return stream_->untaken() + sending_.size(); }

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
            send();
            receive();
        } catch (const std::bad_alloc&) {
            fail({errc::no_memory, ENOMEM});
        }
    }

    void send() {
        while (!is_sending_) {
            bool ends = false;
            {
                const std::scoped_lock locked(of_.lock_);
                if (!of_.output_failure_.good()) return;
                sending_.swap(of_.outgoing_);
                ends = sending_.empty() && of_.output_ == output::ending;
                if (ends) of_.output_ = output::ended;
            }
            of_.changed_.notify_all();
            if (sending_.empty() && !ends) return;
            const auto done = ends ? stream_->shutdown_send() : stream_->send(sending_);
            if (done) sent(*done);
            else is_sending_ = true;
        }
    }
    void sent(outcome how) noexcept {
        if (how.good()) return;
        const std::scoped_lock locked(of_.lock_);
        of_.output_failure_ = how;
        of_.changed_.notify_all();
    }

    bool wants_input() const noexcept {
        const std::scoped_lock locked(of_.lock_);
        return !is_receiving_ && !of_.input_end_ && of_.arrived_.size() < most_waiting_bytes;
    }
    void receive() {
        while (wants_input()) {
            if (auto came = stream_->receive()) keep(std::move(*came));
            else is_receiving_ = true;
        }
    }
    void keep(arrival came) noexcept {
        const std::scoped_lock locked(of_.lock_);
        if (came.ends()) {
            of_.input_end_ = came.how;
        } else {
            try {
                of_.arrived_.append(came.bytes.view());
            } catch (const std::bad_alloc&) {
                of_.input_end_ = outcome{errc::no_memory, ENOMEM};
            }
        }
        of_.changed_.notify_all();
    }
    void fail(outcome why) noexcept {
        const std::scoped_lock locked(of_.lock_);
        of_.output_failure_ = why;
        if (!of_.input_end_) of_.input_end_ = why;
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
    }
    if (!made) {
        opened(made.error());
        co_return;
    }
    of.peer_ = (*made)->peer_address();
    pump works(of, std::move(*made));
    of.pump_ = &works;
    opened({});
    works.run();
    auto over = co_await works.over().pop();
    of.pump_ = nullptr;
}

result<std::unique_ptr<driven_stream>> driven_stream::open(maker make) {
    std::unique_ptr<driven_stream> made(new driven_stream);
    const auto opened = std::make_shared<handover<result<void>>>();
    made->close_ = remote::prepare([of = made.get()] { of->pump_->close(); });
    auto started = loop_thread::start([of = made.get(), made_by = std::move(make), opened](loop& mine) {
        const opening gives = [&](result<void> how) { opened->give(std::move(how)); };
        try {
            of->loop_ = mine.from_elsewhere();
            mine.run(drive(*of, made_by, gives));
        } catch (const std::bad_alloc&) {
            gives(error(errc::no_memory));
        }
    });
    if (!started) return started.error();
    made->thread_.emplace(std::move(*started));
    if (auto done = opened->take(); !done) {
        made->loop_.reset();  // its loop ends by itself
        return done.error();
    }
    return made;
}

driven_stream::~driven_stream() {
    if (loop_) loop_->post(std::move(close_));
    thread_.reset();
}

// Returns false when the deadline has passed.
bool driven_stream::wait(std::unique_lock<std::mutex>& locked, deadline until, const std::function<bool()>& holds) {
    if (!until.is_never()) return changed_.wait_until(locked, until.at(), holds);
    changed_.wait(locked, holds);
    return true;
}

// Requires the lock.
void driven_stream::wake() {
    if (std::exchange(is_posted_, true)) return;
    loop_->post([this] { pump_->run(); });
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
    std::memcpy(into.data(), arrived_.data(), count);
    const bool was_full = arrived_.size() >= most_waiting_bytes;
    arrived_.consume(count);
    if (was_full && arrived_.size() < most_waiting_bytes) wake();
    return count;
}

result<std::size_t> driven_stream::send(bytes_view bytes, deadline until) {
    std::unique_lock locked(lock_);
    if (!wait(locked, until, [this] { return outgoing_.size() < most_waiting_bytes || !output_failure_.good(); }))
        return error(errc::timed_out, "send", peer_.to_string());
    if (!output_failure_.good()) return output_failure_.during("send", peer_.to_string());
    const std::size_t count = std::min(bytes.size(), most_waiting_bytes - outgoing_.size());
    outgoing_.append(bytes.first(count));
    wake();
    return count;
}

void driven_stream::shutdown_send() {
    const std::scoped_lock locked(lock_);
    if (output_ != output::open) return;
    output_ = output::ending;
    wake();
}

std::size_t driven_stream::untaken() {
    const auto asked = std::make_shared<handover<std::size_t>>();
    loop_->post([this, asked] { asked->give(pump_->untaken()); });
    const std::size_t given = asked->take();
    const std::scoped_lock locked(lock_);
    return given + outgoing_.size();
}

}  // namespace weir::internal
